// The ceiling for packets sent from user space: one frame, again and again, through AF_PACKET in batches of sendmmsg,
// with no stamp, schedule or bookkeeping. Usage: sendmmsg-loop PORT FRAME-IN-HEX COUNT PACKETS-PER-SECOND (0: as fast
// as it goes). Prints how many the kernel took and in how many ns.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum { BATCH = 64, FRAME_BYTES_MAX = 1514 };

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static size_t parse_hex(const char *text, uint8_t *bytes)
{
	size_t count = 0;

	while (count < FRAME_BYTES_MAX && sscanf(text + 2 * count, "%2hhx", &bytes[count]) == 1)
		count++;
	return count;
}

static int open_port(const char *name)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		perror(name);
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	uint8_t frame[FRAME_BYTES_MAX];
	struct iovec piece = {.iov_base = frame};
	struct mmsghdr batch[BATCH] = {0};
	uint64_t sent = 0;

	if (argc != 5)
		return 64;
	int fd = open_port(argv[1]);
	piece.iov_len = parse_hex(argv[2], frame);
	uint64_t count = strtoull(argv[3], NULL, 10);
	double gap_ns = atof(argv[4]) > 0 ? 1e9 / atof(argv[4]) : 0;
	for (int i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};

	int64_t start_ns = now_ns();
	while (sent < count) {
		while (now_ns() < start_ns + (int64_t)((double)sent * gap_ns))
			continue;
		uint64_t left = count - sent;
		int taken = sendmmsg(fd, batch, left < BATCH ? (unsigned)left : BATCH, 0);
		if (taken > 0) {
			sent += (uint64_t)taken;
		} else if (errno != ENOBUFS && errno != EAGAIN) {
			perror("sendmmsg");
			return 1;
		}
	}
	printf("%llu %lld\n", (unsigned long long)sent, (long long)(now_ns() - start_ns));
	return 0;
}
