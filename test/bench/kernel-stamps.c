// The kernel's own four stamps of a UDP round trip, by the shortest program that can have them: the truth that the
// round-trip bench holds its contenders against. It shares no code with the engine. Usage: kernel-stamps serve PORT
// COUNT | kernel-stamps ask ADDRESS PORT COUNT INTERVAL-NS BYTES Both print "ready", and at the end a line "NUMBER
// RECEIVED-NS SENT-NS" a packet, by CLOCK_REALTIME.
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_PACKETS = 1 << 20, MOST_BYTES = 9000, STAMP_WAIT_MS = 100, REPLY_WAIT_MS = 1000, IDLE_MS = 5000 };

static int64_t received_ns[MOST_PACKETS], sent_ns[MOST_PACKETS];
static uint8_t packet[MOST_BYTES];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(uint16_t port)
{
	int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
		    SOF_TIMESTAMPING_OPT_TSONLY;
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) < 0)
		die("SO_TIMESTAMPING");
	if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
		die("bind");
	return fd;
}

// The kernel's stamp among the control messages, or 0.
static int64_t stamp_of(struct msghdr *message)
{
	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
		struct scm_timestamping stamps;
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(at), sizeof stamps);
		return stamps.ts[0].tv_sec * 1000000000LL + stamps.ts[0].tv_nsec;
	}
	return 0;
}

static ssize_t receive(int fd, int flags, struct sockaddr_in *from, int64_t *stamp_ns)
{
	uint8_t control[512];
	struct iovec bytes = {packet, sizeof packet};
	struct msghdr message = {.msg_name = from,
		.msg_namelen = from ? sizeof *from : 0,
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control};
	ssize_t length = recvmsg(fd, &message, flags);
	if (length >= 0)
		*stamp_ns = stamp_of(&message);
	return length;
}

// Waits for what poll reports without asking (POLLERR is the error queue) or for a datagram.
static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd socket = {.fd = fd, .events = events};
	return poll(&socket, 1, timeout_ms) > 0;
}

static void send_numbered(int fd, const struct sockaddr_in *to, uint32_t number, size_t length)
{
	memcpy(packet, &number, sizeof number);
	if (sendto(fd, packet, length, 0, (const struct sockaddr *)to, sizeof *to) < 0)
		die("sendto");
	if (wait_for(fd, 0, STAMP_WAIT_MS))
		(void)receive(fd, MSG_ERRQUEUE, NULL, &sent_ns[number]);
}

static void serve(int fd, uint32_t count)
{
	struct sockaddr_in from;
	int64_t stamp_ns = 0;
	// Ends with the last number, or when nothing more comes; the asker sends each once.
	for (uint32_t number = 0; number + 1 < count && wait_for(fd, POLLIN, IDLE_MS);) {
		ssize_t length = receive(fd, 0, &from, &stamp_ns);
		if (length < (ssize_t)sizeof number)
			continue;
		memcpy(&number, packet, sizeof number);
		if (number >= count)
			continue;
		received_ns[number] = stamp_ns;
		send_numbered(fd, &from, number, (size_t)length);
	}
}

static void ask(int fd, const struct sockaddr_in *to, uint32_t count, int64_t interval_ns, size_t length)
{
	struct timespec pause = {.tv_sec = interval_ns / 1000000000, .tv_nsec = interval_ns % 1000000000};
	for (uint32_t number = 0; number < count; number++) {
		send_numbered(fd, to, number, length);
		if (wait_for(fd, POLLIN, REPLY_WAIT_MS))
			(void)receive(fd, MSG_DONTWAIT, NULL, &received_ns[number]);
		nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	uint32_t count = 0;
	if (argc == 4 && strcmp(argv[1], "serve") == 0) {
		count = (uint32_t)atol(argv[3]);
	} else if (argc == 7 && strcmp(argv[1], "ask") == 0) {
		count = (uint32_t)atol(argv[4]);
	}
	if (count == 0 || count > MOST_PACKETS) {
		fprintf(stderr, "usage: see the head of kernel-stamps.c\n");
		return 64;
	}
	int fd = open_socket(argv[1][0] == 's' ? (uint16_t)atoi(argv[2]) : 0);
	printf("ready\n");
	fflush(stdout);
	if (argv[1][0] == 's') {
		serve(fd, count);
	} else {
		struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
		inet_pton(AF_INET, argv[2], &to.sin_addr);
		ask(fd, &to, count, atoll(argv[5]), (size_t)atol(argv[6]));
	}
	for (uint32_t number = 0; number < count; number++)
		printf("%u %lld %lld\n", number, (long long)received_ns[number], (long long)sent_ns[number]);
	return 0;
}
