/* What Swift's Glibc module lacks: kernel interfaces as plain functions and numbers.
 *
 * Functions that return an int return -1 and set errno on failure, like the calls that they stand for.
 */
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Readiness. */
enum { CLINUX_READABLE = 1, CLINUX_WRITABLE = 2 };

typedef struct {
    uint64_t number;
    /* A set of CLINUX_READABLE and CLINUX_WRITABLE; a hang-up or an error is both. */
    uint32_t ready;
} clinux_event;

int clinux_epoll_create(void);
/* operation: 0 add, 1 change, 2 delete. */
int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t interest, uint64_t number);
/* timeout in nanoseconds, below zero: none. Rounded up to milliseconds where the kernel knows no better. */
int clinux_epoll_wait(int epoll, clinux_event *events, int events_max, int64_t timeout_ns);

int clinux_eventfd(void);
int clinux_eventfd_ring(int descriptor);
/* Forgets every ring so far. */
int clinux_eventfd_hush(int descriptor);
/* signals: numbers, in an array. */
int clinux_signalfd(const int *signals, int count);
/* The number of the next signal, 0 when there is none, -1 on failure. */
int clinux_signalfd_read(int descriptor);
int clinux_block_signals(const int *signals, int count);

/* Clocks. */
int64_t clinux_boottime_ns(void);
int64_t clinux_realtime_ns(void);
/* 1 synchronized, 0 not, -1 when the kernel does not tell. */
int clinux_clock_synchronized(int64_t *error_max_us);

/* Threads. The body is called with every signal blocked but those of faults. */
int clinux_thread_start(
    unsigned long *thread, size_t stack_bytes, const char *name, void (*body)(void *), void *argument);
int clinux_thread_join(unsigned long thread);
int clinux_thread_detach(unsigned long thread);
int clinux_is_current_thread(unsigned long thread);

/* Serial lines. */
enum { CLINUX_PARITY_NONE = 0, CLINUX_PARITY_ODD = 1, CLINUX_PARITY_EVEN = 2 };
enum { CLINUX_FLOW_NONE = 0, CLINUX_FLOW_HARDWARE = 1, CLINUX_FLOW_SOFTWARE = 2 };
/* Big enough for a struct termios. */
typedef struct { uint64_t words[16]; } clinux_termios;

typedef struct {
    /* Bits per second. */
    int baud;
    int data_bits;
    int parity;
    int stop_bits;
    int flow_control;
} clinux_line;

int clinux_open(const char *path, int flags, unsigned mode);
int clinux_open_tty(const char *path);
int clinux_termios_get(int descriptor, clinux_termios *old);
int clinux_termios_restore(int descriptor, const clinux_termios *old);
/* 0 when `baud` is not one of the standard speeds. */
int clinux_is_standard_baud(int baud);
/* Raw, with damaged bytes marked in the stream. */
int clinux_line_set(int descriptor, const clinux_line *line);
/* What the line really has; marks: whether damaged bytes are marked. */
int clinux_line_get(int descriptor, clinux_line *line, int *marks);
int clinux_make_raw(int descriptor);
int clinux_drop_input(int descriptor);
int clinux_set_exclusive(int descriptor, int is_exclusive);
int clinux_is_pseudo_terminal(int descriptor);

typedef struct { int breaks, framing, parity, overruns; } clinux_counts;
int clinux_line_counts(int descriptor, clinux_counts *counts);

/* Pseudo-terminals. */
int clinux_pty_open(char *slave_path, size_t slave_path_size);

/* Processes. */
int clinux_pidfd(pid_t process);
/* Reading does not wait, writing does. */
int clinux_pipe(int *read_end, int *write_end);
/* Both null-terminated. out, err: descriptors, or -1 for the parent's own. Returns the process. */
pid_t clinux_spawn(
    const char *path, char *const *arguments, char *const *environment, const char *directory, int out,
    int err);

/* Bluetooth. Addresses are six bytes, least significant first. Every descriptor does not block. */
int clinux_bluetooth_management(void);
/* Bound to the adapter. timeout_s: how long the kernel looks for the device when it is told to connect. */
int clinux_bluetooth_attributes(
    const uint8_t *adapter, int is_random, int is_encrypted, int64_t timeout_s, int receive_bytes);
/* EINPROGRESS: wait until it can be written to, then ask clinux_bluetooth_connected. */
int clinux_bluetooth_connect(int descriptor, const uint8_t *device, int is_random);
/* 1 connected, 0 not yet, -1 it will not be. */
int clinux_bluetooth_connected(int descriptor);
/* One packet. is_cut: it was longer. dropped: left as it is unless the kernel tells how many were lost so far. */
ssize_t clinux_packet_read(int descriptor, void *bytes, size_t count, int *is_cut, uint32_t *dropped);
/* Raises no signal, waits for nothing. */
ssize_t clinux_socket_send(int descriptor, const void *bytes, size_t count);
/* path: the node of a USB device. Waits until it is there again. */
int clinux_usb_reset(const char *path);

/* Local sockets. Paths are absolute and shorter than 108 bytes; ENAMETOOLONG otherwise. */
/* Bound, and deaf until it is told to listen. */
int clinux_local_bind(const char *path);
int clinux_local_listen(int descriptor, int waiting_max);
int clinux_local_accept(int descriptor);
int clinux_local_connect(const char *path);

typedef struct { pid_t process; uid_t user; gid_t group; } clinux_peer;
int clinux_local_peer(int descriptor, clinux_peer *peer);
/* How many groups besides the first the peer is in, at most groups_max. */
int clinux_local_peer_groups(int descriptor, gid_t *groups, int groups_max);

/* Services. One datagram to the socket at that path; "@" in front stands for an abstract name. */
int clinux_notify(const char *path, const char *text);

#endif
