"""Virtual devices, one file each: `Device` is what `Home.device` makes."""
