#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

_Static_assert(sizeof(struct termios) <= sizeof(clinux_termios), "a struct termios must fit");

static const struct { int baud; speed_t speed; } speeds[] = {
    {1200, B1200}, {2400, B2400}, {4800, B4800}, {9600, B9600}, {19200, B19200}, {38400, B38400},
    {57600, B57600}, {115200, B115200}, {230400, B230400}, {460800, B460800}, {500000, B500000},
    {576000, B576000}, {921600, B921600}, {1000000, B1000000}, {1500000, B1500000}, {2000000, B2000000},
};
#define SPEEDS (sizeof speeds / sizeof *speeds)

int clinux_open(const char *path, int flags, unsigned mode) { return open(path, flags | O_CLOEXEC, mode); }

int clinux_open_tty(const char *path) { return open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); }

int clinux_termios_get(int descriptor, clinux_termios *old) {
    struct termios settings;
    if (tcgetattr(descriptor, &settings) != 0) return -1;
    memcpy(old, &settings, sizeof settings);
    return 0;
}

int clinux_termios_restore(int descriptor, const clinux_termios *old) {
    struct termios settings;
    memcpy(&settings, old, sizeof settings);
    return tcsetattr(descriptor, TCSANOW, &settings);
}

int clinux_is_standard_baud(int baud) {
    for (size_t i = 0; i < SPEEDS; i++)
        if (speeds[i].baud == baud) return 1;
    return 0;
}

static int set_speed(struct termios *settings, int baud) {
    for (size_t i = 0; i < SPEEDS; i++)
        if (speeds[i].baud == baud) return cfsetspeed(settings, speeds[i].speed);
    errno = EINVAL;
    return -1;
}

static void set_frame(struct termios *settings, const clinux_line *line) {
    settings->c_cflag &= ~(tcflag_t)(CSIZE | CSTOPB | PARENB | PARODD | CMSPAR | CRTSCTS);
    settings->c_cflag |= CREAD | CLOCAL | (line->data_bits == 7 ? CS7 : CS8);
    if (line->stop_bits == 2) settings->c_cflag |= CSTOPB;
    if (line->parity != CLINUX_PARITY_NONE) settings->c_cflag |= PARENB;
    if (line->parity == CLINUX_PARITY_ODD) settings->c_cflag |= PARODD;
    if (line->flow_control == CLINUX_FLOW_HARDWARE) settings->c_cflag |= CRTSCTS;
    if (line->flow_control == CLINUX_FLOW_SOFTWARE) settings->c_iflag |= IXON | IXOFF;
}

int clinux_line_set(int descriptor, const clinux_line *line) {
    struct termios settings;
    if (tcgetattr(descriptor, &settings) != 0) return -1;
    cfmakeraw(&settings);
    settings.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | IGNPAR | IXON | IXOFF | IXANY);
    settings.c_iflag |= INPCK | PARMRK;
    set_frame(&settings, line);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (set_speed(&settings, line->baud) != 0) return -1;
    return tcsetattr(descriptor, TCSANOW, &settings);
}

int clinux_line_get(int descriptor, clinux_line *line, int *marks) {
    struct termios settings;
    if (tcgetattr(descriptor, &settings) != 0) return -1;
    speed_t speed = cfgetospeed(&settings);
    line->baud = 0;
    for (size_t i = 0; i < SPEEDS; i++)
        if (speeds[i].speed == speed) line->baud = speeds[i].baud;
    line->data_bits = (settings.c_cflag & CSIZE) == CS7 ? 7 : (settings.c_cflag & CSIZE) == CS8 ? 8 : 0;
    line->stop_bits = settings.c_cflag & CSTOPB ? 2 : 1;
    line->parity = !(settings.c_cflag & PARENB) ? CLINUX_PARITY_NONE
        : settings.c_cflag & PARODD             ? CLINUX_PARITY_ODD
                                                : CLINUX_PARITY_EVEN;
    line->flow_control = settings.c_cflag & CRTSCTS ? CLINUX_FLOW_HARDWARE
        : settings.c_iflag & IXON                   ? CLINUX_FLOW_SOFTWARE
                                                    : CLINUX_FLOW_NONE;
    *marks = (settings.c_iflag & PARMRK) != 0;
    return 0;
}

int clinux_make_raw(int descriptor) {
    struct termios settings;
    if (tcgetattr(descriptor, &settings) != 0) return -1;
    cfmakeraw(&settings);
    return tcsetattr(descriptor, TCSANOW, &settings);
}

int clinux_drop_input(int descriptor) { return tcflush(descriptor, TCIFLUSH); }

int clinux_set_exclusive(int descriptor, int is_exclusive) {
    return ioctl(descriptor, is_exclusive ? TIOCEXCL : TIOCNXCL);
}

int clinux_is_pseudo_terminal(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISCHR(status.st_mode)) return 0;
    unsigned number = major(status.st_rdev);
    return number >= 136 && number <= 143;
}

int clinux_line_counts(int descriptor, clinux_counts *counts) {
    struct serial_icounter_struct found = {0};
    if (ioctl(descriptor, TIOCGICOUNT, &found) != 0) return -1;
    counts->breaks = found.brk;
    counts->framing = found.frame;
    counts->parity = found.parity;
    counts->overruns = found.overrun + found.buf_overrun;
    return 0;
}

int clinux_pty_open(char *slave_path, size_t slave_path_size) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0) return -1;
    int failure = grantpt(master) != 0 || unlockpt(master) != 0 ? errno
        : ptsname_r(master, slave_path, slave_path_size);
    if (failure == 0) return master;
    close(master);
    errno = failure;
    return -1;
}
