// One descriptor for frames to put in and to be woken by, another for what left and when.
#include "stamped-port.h"
#include "tap.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 64 << 20, WHOLE_FRAME = 0xffff, NS_PER_SECOND = 1000000000, LONGEST_READ_NS = 5000 };

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

// How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC now.
static int64_t read_lead_ns(void)
{
	int64_t before_ns, real_ns, after_ns;
	// Ends: this program is seldom held up twice in the same place.
	do {
		before_ns = now_ns();
		real_ns = read_clock(CLOCK_REALTIME);
		after_ns = now_ns();
	} while (after_ns - before_ns > LONGEST_READ_NS);
	return real_ns - (before_ns + after_ns) / 2;
}

static void check(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void set_option(int fd, int level, int option, const void *value, socklen_t length)
{
	check(setsockopt(fd, level, option, value, length), "setsockopt");
}

// What this program itself puts into the port is no frame that left.
static void watch_sent_only(int fd)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, WHOLE_FRAME),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof steps / sizeof *steps, .filter = steps};
	set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

struct port open_stamped_port(const char *namespace, const char *name)
{
	struct port port = {.tap = open_port(namespace, name, IFF_TAP)};
	port.sent = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(port.sent, "AF_PACKET");
	watch_sent_only(port.sent);
	set_option(port.sent, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
	set_option(port.sent, SOL_SOCKET, SO_RCVBUFFORCE, &(int){RECEIVE_BYTES}, sizeof(int));
	struct sockaddr_ll on = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
	check(bind(port.sent, (struct sockaddr *)&on, sizeof on), name);
	return port;
}

void empty_queue(const struct port *port)
{
	uint8_t first;
	// Ends where the queue is empty: reading is faster than sending.
	while (read(port->tap, &first, sizeof first) > 0)
		;
}

ssize_t take_sent(const struct port *port, uint8_t *bytes, size_t room, int64_t *at_ns)
{
	union {
		struct cmsghdr header;
		uint8_t room[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec into = {.iov_base = bytes, .iov_len = room};
	struct msghdr message = {
		.msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(port->sent, &message, 0);
	if (length <= 0)
		return -1;
	struct timespec stamp;
	const struct cmsghdr *told = CMSG_FIRSTHDR(&message);
	if (told == NULL || told->cmsg_level != SOL_SOCKET || told->cmsg_type != SCM_TIMESTAMPNS) {
		fprintf(stderr, "a frame without a stamp\n");
		exit(1);
	}
	memcpy(&stamp, CMSG_DATA(told), sizeof stamp);
	*at_ns = (int64_t)stamp.tv_sec * NS_PER_SECOND + stamp.tv_nsec - read_lead_ns();
	return length;
}

bool put_received(const struct port *port, const uint8_t *bytes, size_t length)
{
	return write(port->tap, bytes, length) > 0;
}
