#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

typedef int call(int descriptor, const struct sockaddr *address, socklen_t size);

static int open_with(call *step, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, length);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    if (step(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int clinux_local_bind(const char *path) { return open_with(bind, path); }

int clinux_local_connect(const char *path) { return open_with(connect, path); }

int clinux_local_listen(int descriptor, int waiting_max) { return listen(descriptor, waiting_max); }

int clinux_local_accept(int descriptor) {
    return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int clinux_local_peer(int descriptor, clinux_peer *peer) {
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0) return -1;
    *peer = (clinux_peer){.process = who.pid, .user = who.uid, .group = who.gid};
    return 0;
}

int clinux_local_peer_groups(int descriptor, gid_t *groups, int groups_max) {
    socklen_t size = (socklen_t)groups_max * sizeof *groups;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0) return -1;
    return (int)(size / sizeof *groups);
}
