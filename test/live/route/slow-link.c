// A slow line in user space: two TAP ports named "slow", one in each of two network namespaces. Each direction carries
// frames one after the other at a bit rate, unlike a token bucket, which lets single packets pass at once; then adds a
// delay. Usage: slow-link NEAR_NAMESPACE FAR_NAMESPACE BITS_PER_SECOND DELAY_US. Prints "ready", then carries frames
// until it is killed.
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_BYTES = 2048, QUEUE_FRAMES = 64, NS_PER_SECOND = 1000000000 };

struct line {
	int from, to;
	int64_t free_ns; // when the line has sent everything so far
	unsigned head, tail;
	struct {
		int64_t due_ns;
		size_t length;
		uint8_t bytes[FRAME_BYTES];
	} queue[QUEUE_FRAMES];
};

static void die(const char *what)
{
	fprintf(stderr, "slow-link: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_tap(const char *namespace)
{
	char path[256];
	snprintf(path, sizeof path, "/run/netns/%s", namespace);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		die(path);
	close(fd);
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	strcpy(request.ifr_name, "slow");
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
		die("TUNSETIFF");
	return fd;
}

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static void take_frames(struct line *line, int64_t bits_per_second, int64_t delay_ns)
{
	while (line->tail - line->head < QUEUE_FRAMES) {
		unsigned slot = line->tail % QUEUE_FRAMES;
		ssize_t length = read(line->from, line->queue[slot].bytes, FRAME_BYTES);
		if (length <= 0)
			return;
		int64_t now = now_ns();
		int64_t start = line->free_ns > now ? line->free_ns : now;
		line->free_ns = start + length * 8 * NS_PER_SECOND / bits_per_second;
		line->queue[slot].length = (size_t)length;
		line->queue[slot].due_ns = line->free_ns + delay_ns;
		line->tail++;
	}
}

static void give_frames(struct line *line)
{
	while (line->head != line->tail && line->queue[line->head % QUEUE_FRAMES].due_ns <= now_ns()) {
		unsigned slot = line->head % QUEUE_FRAMES;
		// A port that is down refuses frames, as an unplugged cable would lose them.
		(void)!write(line->to, line->queue[slot].bytes, line->queue[slot].length);
		line->head++;
	}
}

static struct timespec time_to_next(const struct line *lines)
{
	int64_t due = now_ns() + NS_PER_SECOND;
	for (int i = 0; i < 2; i++) {
		int64_t next = lines[i].queue[lines[i].head % QUEUE_FRAMES].due_ns;
		if (lines[i].head != lines[i].tail && next < due)
			due = next;
	}
	int64_t wait = due - now_ns();
	return (struct timespec){
		.tv_sec = wait > 0 ? wait / NS_PER_SECOND : 0, .tv_nsec = wait > 0 ? wait % NS_PER_SECOND : 0};
}

int main(int argc, char **argv)
{
	static struct line lines[2];
	if (argc != 5) {
		fprintf(stderr, "usage: slow-link NEAR_NAMESPACE FAR_NAMESPACE BITS_PER_SECOND DELAY_US\n");
		return 64;
	}
	int64_t bits_per_second = atoll(argv[3]), delay_ns = atoll(argv[4]) * 1000;
	int near = open_tap(argv[1]), far = open_tap(argv[2]);
	lines[0] = (struct line){.from = near, .to = far};
	lines[1] = (struct line){.from = far, .to = near};
	printf("ready\n");
	fflush(stdout);
	// Ends when it is killed.
	for (;;) {
		struct pollfd ports[2] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}};
		struct timespec wait = time_to_next(lines);
		if (ppoll(ports, 2, &wait, NULL) < 0 && errno != EINTR)
			die("ppoll");
		for (int i = 0; i < 2; i++) {
			take_frames(&lines[i], bits_per_second, delay_ns);
			give_frames(&lines[i]);
		}
	}
}
