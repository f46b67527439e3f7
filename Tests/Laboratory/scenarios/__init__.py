"""Scenarios, one file each: `async def scenario(home)`."""
