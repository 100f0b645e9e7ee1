#include "trial/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

bool channel_pair(int ends[2], struct error *e) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) return true;
    return error_set(e, "no socket between harness and worker: %s", strerror(errno));
}

bool channel_send(int fd, struct bytes *packet, const int *fds, size_t n_fds) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(CHANNEL_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = packet->at, .iov_len = packet->size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_fds) {
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
    }
    ssize_t sent = -1;
    if (!packet->failed && packet->size <= CHANNEL_BYTES) do {
            sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
    const bool ok = sent == (ssize_t)packet->size;
    bytes_done(packet);
    return ok;
}

// Keeps the first CHANNEL_FDS descriptors of a message.
static void take_descriptors(struct msghdr *message, int *fds) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        const size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds, CMSG_DATA(c), (n < CHANNEL_FDS ? n : CHANNEL_FDS) * sizeof(int));
        return;
    }
}

bool channel_receive(int fd, unsigned char *buffer, struct bytes *packet, int *fds) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(CHANNEL_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = buffer, .iov_len = CHANNEL_BYTES};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.room,
        .msg_controllen = sizeof control.room};
    for (int k = 0; k < CHANNEL_FDS; k++) fds[k] = -1;
    ssize_t got;
    do { // an end that left something unread is told of once, before what it had sent
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got <= 0) return false;
    take_descriptors(&message, fds);
    *packet = bytes_view(buffer, (size_t)got);
    return !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
}
