#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Readiness. */

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_control(int epoll, int operation, int descriptor, uint32_t interest, uint64_t number) {
    static const int operations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
    struct epoll_event event = {0};
    if (interest & CLINUX_READABLE) event.events |= EPOLLIN;
    if (interest & CLINUX_WRITABLE) event.events |= EPOLLOUT;
    event.data.u64 = number;
    return epoll_ctl(epoll, operations[operation], descriptor, &event);
}

#define EVENTS_MAX 64

static int wait_exactly(int epoll, struct epoll_event *events, int count, int64_t timeout_ns) {
#ifdef SYS_epoll_pwait2
    static atomic_int is_missing;
    if (timeout_ns > 0 && !atomic_load_explicit(&is_missing, memory_order_relaxed)) {
        struct { int64_t seconds, nanoseconds; } timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
        int found = (int)syscall(SYS_epoll_pwait2, epoll, events, count, &timeout, NULL, (size_t)8);
        if (found >= 0 || (errno != ENOSYS && errno != EPERM)) return found;
        atomic_store_explicit(&is_missing, 1, memory_order_relaxed);
    }
#endif
    int64_t ms = timeout_ns < 0 ? -1 : timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
    return epoll_wait(epoll, events, count, ms > 86400000 ? 86400000 : (int)ms);
}

int clinux_epoll_wait(int epoll, clinux_event *events, int events_max, int64_t timeout_ns) {
    struct epoll_event raw[EVENTS_MAX];
    int found = wait_exactly(epoll, raw, events_max < EVENTS_MAX ? events_max : EVENTS_MAX, timeout_ns);
    for (int i = 0; i < found; i++) {
        events[i].number = raw[i].data.u64;
        events[i].ready = 0;
        if (raw[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) events[i].ready |= CLINUX_READABLE;
        if (raw[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) events[i].ready |= CLINUX_WRITABLE;
    }
    return found;
}

int clinux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
int clinux_eventfd_ring(int descriptor) { return eventfd_write(descriptor, 1); }

int clinux_eventfd_hush(int descriptor) {
    eventfd_t rings;
    return eventfd_read(descriptor, &rings);
}

/* Signals. */

static sigset_t set_of(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    return set;
}

int clinux_signalfd(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_signalfd_read(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count;
    do count = read(descriptor, &information, sizeof information);
    while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof information) return (int)information.ssi_signo;
    return count < 0 && errno != EAGAIN ? -1 : 0;
}

int clinux_block_signals(const int *signals, int count) {
    sigset_t set = set_of(signals, count);
    int failure = pthread_sigmask(SIG_BLOCK, &set, NULL);
    errno = failure;
    return failure ? -1 : 0;
}

/* Clocks. */

static int64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clinux_boottime_ns(void) { return nanoseconds(CLOCK_BOOTTIME); }
int64_t clinux_realtime_ns(void) { return nanoseconds(CLOCK_REALTIME); }

int clinux_clock_synchronized(int64_t *error_max_us) {
    struct timex state = {0};
    int result = adjtimex(&state);
    if (result < 0) return -1;
    *error_max_us = state.maxerror;
    return result != TIME_ERROR && !(state.status & STA_UNSYNC);
}

/* Threads. */

struct start { void (*body)(void *); void *argument; char name[16]; };

static void *thread_main(void *pointer) {
    struct start start = *(struct start *)pointer;
    free(pointer);
    pthread_setname_np(pthread_self(), start.name);
    start.body(start.argument);
    return NULL;
}

int clinux_thread_start(
    unsigned long *thread, size_t stack_bytes, const char *name, void (*body)(void *), void *argument) {
    struct start *start = calloc(1, sizeof *start);
    if (!start) return -1;
    start->body = body;
    start->argument = argument;
    strncpy(start->name, name, sizeof start->name - 1);

    /* Blocked before the thread begins, so that there is no moment at which it could be hit. */
    sigset_t blocked, before;
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);

    pthread_attr_t attributes;
    pthread_t id;
    pthread_attr_init(&attributes);
    int failure = pthread_attr_setstacksize(&attributes, stack_bytes);
    if (!failure) failure = pthread_create(&id, &attributes, thread_main, start);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure) {
        free(start);
        errno = failure;
        return -1;
    }
    *thread = (unsigned long)id;
    return 0;
}

int clinux_thread_join(unsigned long thread) {
    errno = pthread_join((pthread_t)thread, NULL);
    return errno ? -1 : 0;
}

int clinux_thread_detach(unsigned long thread) {
    errno = pthread_detach((pthread_t)thread);
    return errno ? -1 : 0;
}

int clinux_is_current_thread(unsigned long thread) {
    return pthread_equal((pthread_t)thread, pthread_self()) != 0;
}

/* Processes. */

int clinux_pidfd(pid_t process) {
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}

int clinux_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

pid_t clinux_spawn(
    const char *path, char *const *arguments, char *const *environment, const char *directory, int out,
    int err) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t child = -1;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    /* The child begins as a shell would begin it: nothing blocked, nothing ignored. */
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int failure = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failure && out >= 0) failure = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!failure && err >= 0) failure = posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (!failure && directory) failure = posix_spawn_file_actions_addchdir_np(&actions, directory);
    if (!failure) failure = posix_spawnp(&child, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = failure;
    return failure ? -1 : child;
}
