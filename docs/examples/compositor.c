// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A compositor and two clients, each in a process of its own. A client sends a
 * frame before it is drawn, with a fence that is signalled when it is: the server
 * then shows it. The server answers with a fence that is signalled when the frame
 * is on the screen: the client then draws the next one into the memory of the one
 * before. One client dies while it draws. The server loses that frame, and goes on.
 */
#include <assert.h>
#include <errno.h>
#include <libfence/event-loop.h>
#include <libfence/sync.h>
#include <libfence/timeline.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 2, FRAMES = 20, DEADLY = 7, LIMIT_NS = 2000000000 };
/* A message: the number of a frame, and a descriptor. */
static union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } control;
#define MESSAGE(text) {	.msg_control = &control, .msg_controllen = sizeof(control), \
	.msg_iov = &(struct iovec){ text, sizeof(*(text)) }, .msg_iovlen = 1 }

static bool send_frame(int sock, int frame, const struct libfence *fence)
{
	struct msghdr msg = MESSAGE(&frame);
	int fd = libfence_export(fence, NULL);
	bool sent;

	control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fd)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	sent = fd >= 0 && sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof(frame);
	close(fd);
	return sent;
}

/* Return a reference to the fence that came with a frame, or NULL. */
static struct libfence *receive_frame(int sock, int *frame)
{
	struct msghdr msg = MESSAGE(frame);
	struct libfence *fence;
	int fd;

	if (recvmsg(sock, &msg, 0) != sizeof(*frame) || !CMSG_FIRSTHDR(&msg))
		return NULL;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	fence = libfence_import(fd, NULL);
	close(fd);
	return fence;
}

static int client(int sock, int dies_at)
{
	struct libfence_timeline *gpu = libfence_timeline_create("gpu");
	int frame, answer = 0;

	for (frame = 1; gpu && frame <= FRAMES; frame++) {
		struct libfence *shown, *drawn = libfence_timeline_fence(gpu, frame);

		assert(drawn && send_frame(sock, frame, drawn));
		if (frame == dies_at)
			raise(SIGKILL);
		usleep(500);
		libfence_timeline_inc(gpu, 1);
		libfence_put(&drawn);
		shown = receive_frame(sock, &answer);
		assert(shown && answer == frame && !libfence_wait(shown, LIMIT_NS));
		assert(libfence_status(shown) == 1);
		libfence_put(&shown);
	}
	libfence_timeline_destroy(&gpu);
	return 0;
}

struct peer {
	int sock, status;			/* the status of the last frame */
	struct libfence_timeline *screen;	/* the value: the frame on the screen */
	struct libfence *drawn;			/* of the next frame, or NULL */
	struct libfence_callback cb;
};

/* Return false if the client hung up, or broke the rules. */
static bool receive(struct peer *peer, struct libfence_eventfd *wake)
{
	int frame = 0, next = libfence_timeline_value(peer->screen) + 1;
	struct libfence *drawn = receive_frame(peer->sock, &frame);
	struct libfence *shown = libfence_timeline_fence(peer->screen, next);
	bool ok = drawn && shown && !peer->drawn && frame == next &&
		  !libfence_eventfd_register(drawn, &peer->cb, wake);

	if (ok)
		peer->drawn = libfence_get(drawn);
	ok = ok && send_frame(peer->sock, frame, shown);
	libfence_put(&shown);
	libfence_put(&drawn);
	return ok;
}

int main(void)
{
	struct peer *peer, peers[CLIENTS] = { 0 };
	int both[2], open = 0, loop = epoll_create1(0), fd = eventfd(0, EFD_NONBLOCK);
	struct libfence_eventfd *wake = libfence_eventfd_create(fd, NULL);
	struct epoll_event event = { .events = EPOLLIN };
	eventfd_t count;

	assert(wake && !epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event));
	for (peer = peers; peer < peers + CLIENTS; peer++, open++) {
		assert(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, both));
		if (!fork())
			_exit(close(both[0]) || client(both[1], open ? DEADLY : 0));
		close(both[1]);
		peer->sock = both[0];
		peer->screen = libfence_timeline_create("screen");
		event.data.ptr = peer;
		assert(peer->screen && !epoll_ctl(loop, EPOLL_CTL_ADD, both[0], &event));
	}
	while (open || peers[0].drawn || peers[1].drawn) {
		while (epoll_wait(loop, &event, 1, 10000) != 1)
			assert(errno == EINTR);
		peer = event.data.ptr;
		if (peer && !receive(peer, wake)) {
			epoll_ctl(loop, EPOLL_CTL_DEL, peer->sock, NULL);
			close(peer->sock);
			open--;
		}
		eventfd_read(fd, &count);
		for (peer = peers; peer < peers + CLIENTS; peer++) {
			if (!peer->drawn || !libfence_is_signaled(peer->drawn))
				continue;
			peer->status = libfence_status(peer->drawn);
			if (peer->status == 1)
				libfence_timeline_inc(peer->screen, 1);	/* shows it */
			libfence_callback_unregister(&peer->cb);
			libfence_put(&peer->drawn);
		}
	}
	for (peer = peers; peer < peers + CLIENTS; peer++) {
		unsigned int shown = libfence_timeline_value(peer->screen);

		printf("%u frames, the last status is %d\n", shown, peer->status);
		assert(shown == (peer == peers ? FRAMES : DEADLY - 1));
		assert(peer->status == (peer == peers ? 1 : -EOWNERDEAD));
		libfence_timeline_destroy(&peer->screen);
		wait(NULL);
	}
	libfence_eventfd_destroy(&wake);
	return 0;
}
