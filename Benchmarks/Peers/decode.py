"""Decodes a file of BCI frames with berry-oximeter's parser: decode.py FILE CHUNK"""

import sys
import time

from berry_oximeter.parser import BCIProtocolParser

data = open(sys.argv[1], "rb").read()
chunk = int(sys.argv[2])
parser = BCIProtocolParser()
count = 0
done = 0
begin = time.thread_time()
while time.thread_time() - begin < 2:
    for start in range(0, len(data), chunk):
        piece = data[start : start + chunk]
        count += len(parser.add_data(piece))
        done += len(piece)
        if time.thread_time() - begin > 4:
            break
seconds = time.thread_time() - begin
assert count > 0
print("bytesPerSecond", done / seconds)
