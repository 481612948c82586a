// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A compositor and two clients, in three processes. A client sends the fences of its
 * frames as descriptors. Its timeline signals them in order. The compositor shows a
 * frame when its fence is signalled: in its event loop, which is an epoll set with the
 * sockets and the eventfd of a queue. One client dies: its next frame fails.
 */
#include <cassert>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <libfence/libfence.hpp>

namespace lf = libfence_cpp;
constexpr unsigned frames = 4;	/* of each client; one dies after half */
/* A message of one byte, with a descriptor. */
struct message : msghdr {
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	char byte = 0;
	iovec iov = {&byte, 1};
	message() : msghdr()
	{
		msg_iov = &iov, msg_iovlen = 1;
		msg_control = control, msg_controllen = sizeof(control);
	}
};

static bool send_fd(int to, int fd)
{
	message msg;
	cmsghdr *c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	std::memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(to, &msg, MSG_NOSIGNAL) == 1;
}

static lf::unique_fd receive_fd(int from)
{
	message msg;
	int fd = -1;
	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) == 1)
		if (cmsghdr *c = CMSG_FIRSTHDR(&msg))
			std::memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return lf::unique_fd(fd);
}

/* Announces a frame, "renders" it, and waits until the compositor takes the next. */
static int client(int socket, bool dies)
{
	auto timeline = lf::timeline::create("frames");
	char shown;
	for (unsigned frame = 1; timeline && frame <= frames; frame++) {
		auto fence = timeline->at(frame);
		if (!fence)
			return 1;
		auto fd = fence->export_fd("frame");
		if (!fd || !send_fd(socket, fd->get()))
			return 1;
		if (dies && frame > frames / 2)
			raise(SIGKILL);
		timeline->increment();
		if (read(socket, &shown, 1) != 1)
			return 1;
	}
	return 0;
}

struct peer {
	int socket = -1;
	pid_t pid = -1;
	unsigned shown = 0;
	lf::error failed;
	std::unique_ptr<struct frame> next;
};

/* A frame that the compositor waits for. The queue runs done() in the event loop. */
struct frame {
	frame(lf::run_queue &queue, peer &from, lf::fence ready)
		: fence(std::move(ready)), work(queue, done{from}) {}
	struct done {
		peer &from;
		void operator()(lf::fence_view fence)
		{
			from.failed = fence.status().error();
			from.shown += fence.status().ok();
			send(from.socket, "", 1, MSG_NOSIGNAL);
		}
	};
	lf::fence fence;
	lf::work<done> work;
};

int main()
{
	peer peers[2];
	lf::unique_fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	lf::unique_fd set(epoll_create1(EPOLL_CLOEXEC));
	lf::run_queue queue(wake.get());
	epoll_event event = {};
	int open = 2;
	event.events = EPOLLIN;
	assert(!epoll_ctl(set.get(), EPOLL_CTL_ADD, wake.get(), &event));
	for (peer &p : peers) {
		int s[2];
		assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s));
		p.pid = fork();
		assert(p.pid >= 0);
		if (!p.pid) {
			close(s[0]);
			_exit(client(s[1], &p == &peers[1]));
		}
		close(s[1]);
		p.socket = s[0];
		event.data.ptr = &p;
		assert(!epoll_ctl(set.get(), EPOLL_CTL_ADD, p.socket, &event));
	}
	while (open || (peers[1].next && !peers[1].failed)) {
		while (epoll_wait(set.get(), &event, 1, 60000) != 1)
			assert(errno == EINTR);
		auto *p = static_cast<peer *>(event.data.ptr);
		eventfd_t ignored;
		if (!p) {
			eventfd_read(wake.get(), &ignored);
			queue.run();
		} else if (lf::unique_fd fd = receive_fd(p->socket)) {
			auto fence = lf::fence::import_fd(fd.get());
			assert(fence);
			p->next = std::make_unique<frame>(queue, *p, *std::move(fence));
			assert(p->next->fence.attach(p->next->work));
		} else {
			epoll_ctl(set.get(), EPOLL_CTL_DEL, p->socket, nullptr);
			open--;
		}
	}
	for (peer &p : peers) {
		std::printf("%u frames, then: %s\n", p.shown, p.failed.code().message().c_str());
		close(p.socket);
		waitpid(p.pid, nullptr, 0);
	}
	assert(peers[0].shown == frames && !peers[0].failed);
	assert(peers[1].shown == frames / 2 && peers[1].failed == std::errc::owner_dead);
	return 0;
}
