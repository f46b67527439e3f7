#define _GNU_SOURCE
#include "CLinux.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <bluetooth/l2cap.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The attribute protocol's fixed channel (Core 5.4, Vol 3, Part A, 2.1). */
#define ATTRIBUTE_CHANNEL 4

static int fail(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int clinux_bluetooth_management(void) {
    int descriptor = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, BTPROTO_HCI);
    if (descriptor < 0) return -1;
    struct sockaddr_hci address = {
        .hci_family = AF_BLUETOOTH, .hci_dev = HCI_DEV_NONE, .hci_channel = HCI_CHANNEL_CONTROL};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) return fail(descriptor);
    /* Kernels since 5.16 take no more than 1028 bytes unless asked: too few for the keys of thirty devices. */
    uint16_t packet_max = UINT16_MAX;
    (void)setsockopt(descriptor, SOL_BLUETOOTH, BT_SNDMTU, &packet_max, sizeof packet_max);
    int one = 1;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
    return descriptor;
}

static struct sockaddr_l2 attribute_address(const uint8_t *bytes, int is_random) {
    struct sockaddr_l2 address = {
        .l2_family = AF_BLUETOOTH,
        .l2_cid = htobs(ATTRIBUTE_CHANNEL),
        .l2_bdaddr_type = is_random ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC};
    memcpy(&address.l2_bdaddr, bytes, sizeof address.l2_bdaddr);
    return address;
}

int clinux_bluetooth_attributes(
    const uint8_t *adapter, int is_random, int is_encrypted, int64_t timeout_s, int receive_bytes) {
    int descriptor = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, BTPROTO_L2CAP);
    if (descriptor < 0) return -1;
    struct sockaddr_l2 address = attribute_address(adapter, is_random);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) return fail(descriptor);
    struct bt_security security = {.level = is_encrypted ? BT_SECURITY_MEDIUM : BT_SECURITY_LOW};
    if (setsockopt(descriptor, SOL_BLUETOOTH, BT_SECURITY, &security, sizeof security) < 0)
        return fail(descriptor);
    /* How long the kernel looks for the device: by itself it gives up after 40 s. */
    struct timeval patience = {.tv_sec = timeout_s};
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0) return fail(descriptor);
    /* What does not fit is dropped, and counted: there is no flow control on this channel. */
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    int one = 1;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
    return descriptor;
}

int clinux_bluetooth_connect(int descriptor, const uint8_t *device, int is_random) {
    struct sockaddr_l2 address = attribute_address(device, is_random);
    return connect(descriptor, (struct sockaddr *)&address, sizeof address);
}

int clinux_bluetooth_connected(int descriptor) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return -1;
    if (error != 0) {
        errno = error;
        return -1;
    }
    /* Refused in every state but the connected one. */
    struct l2cap_conninfo info;
    size = sizeof info;
    if (getsockopt(descriptor, SOL_L2CAP, L2CAP_CONNINFO, &info, &size) == 0) return 1;
    struct pollfd state = {.fd = descriptor, .events = POLLIN | POLLOUT};
    if (poll(&state, 1, 0) > 0 && (state.revents & POLLHUP)) {
        errno = ENOTCONN;
        return -1;
    }
    return 0;
}

ssize_t clinux_packet_read(int descriptor, void *bytes, size_t count, int *is_cut, uint32_t *dropped) {
    struct iovec room = {.iov_base = bytes, .iov_len = count};
    union { struct cmsghdr align; char bytes[256]; } control;
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (length < 0) return -1;
    *is_cut = (message.msg_flags & MSG_TRUNC) != 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_RXQ_OVFL)
            memcpy(dropped, CMSG_DATA(part), sizeof *dropped);
    }
    return length;
}

ssize_t clinux_socket_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int clinux_usb_reset(const char *path) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = ioctl(descriptor, USBDEVFS_RESET, 0);
    if (result < 0) return fail(descriptor);
    close(descriptor);
    return 0;
}
