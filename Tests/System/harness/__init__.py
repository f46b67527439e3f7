"""Everything around the program under test: a broker, a witness that listens, devices on pseudo terminals."""
