// The life of trains on loopback: packets and numbers of a whole one, its ends, its priority and its quota.
#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reflector.h"
#include "reflector_check.h"
#include "train_wish.h"

enum { MOST_BYTES = 2048, MOST_TURNS = 1000, TURN_US = 5000 };

static struct reflector *open_reflector(uint16_t *udp_port, struct rate source_rate)
{
	/* ::ffff:0:0/96 */
	static const uint8_t everywhere[PREFIX_BYTES] = {[10] = 0xff, [11] = 0xff, [16] = 96};
	struct reflector_options options = {
		.udp_port_count = 1,
		.ipv4 = true,
		.allow = everywhere,
		.allow_count = 1,
		.max_sessions = 16,
		.trains = true,
		.train_source_rate = source_rate,
		.real_time = true,
	};
	uint16_t udp_ports[REFLECTOR_MOST_PORTS];
	struct reflector_failure failure;
	struct reflector *reflector = NULL;

	CHECK(reflector_open(&reflector, &options, &failure) == 0);
	reflector_udp_ports(reflector, udp_ports);
	*udp_port = udp_ports[0];
	return reflector;
}

static void close_reflector(struct reflector *reflector)
{
	reflector_close(reflector);
	reflector_free(reflector);
}

static int connect_to(uint16_t udp_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(udp_port)};
	int buffer_bytes = 1 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

/* Who asks for trains, with the cookie that he was given. */
struct asker {
	int fd;
	uint64_t cookie;
	/* Packets of trains that came, and what came last. */
	unsigned received;
	uint8_t packet[MOST_BYTES];
};

/* The next datagram within 5 s; its length, or 0. */
static size_t receive(int fd, uint8_t *packet)
{
	struct pollfd polled = {.fd = fd, .events = POLLIN};

	if (poll(&polled, 1, 5000) <= 0)
		return 0;
	ssize_t length = recv(fd, packet, MOST_BYTES, 0);
	return length < 0 ? 0 : (size_t)length;
}

static bool is_train_packet(const uint8_t *packet)
{
	return packet[STAMP_BASE_BYTES + TLV_HEADER_BYTES] == TRAIN_PACKET;
}

/* Takes the answer out of what else arrives; its status. */
static uint8_t ask(struct asker *asker, const struct wish *wish)
{
	struct wish wished = *wish;
	uint8_t request[REQUEST_BYTES];

	wished.cookie = asker->cookie;
	write_wish(request, &wished);
	CHECK(send(asker->fd, request, sizeof request, 0) == sizeof request);
	/* Ends with the answer, or without a packet for 5 s. */
	for (size_t length = receive(asker->fd, asker->packet); length > 0;
		length = receive(asker->fd, asker->packet)) {
		if (!is_train_packet(asker->packet)) {
			CHECK(length == sizeof request);
			return status_of(asker->packet);
		}
		asker->received++;
	}
	CHECK(!"an answer came");
	return TRAIN_UNKNOWN;
}

/* Asks once a turn until that is the answer; the last one. The train's thread may wait long for a busy processor. */
static uint8_t ask_until(struct asker *asker, const struct wish *wish, uint8_t status)
{
	uint8_t said = ask(asker, wish);

	for (int turn = 1; turn < MOST_TURNS && said != status; turn++) {
		usleep(TURN_US);
		said = ask(asker, wish);
	}
	return said;
}

static struct asker open_asker(uint16_t udp_port)
{
	struct asker asker = {.fd = connect_to(udp_port)};

	CHECK(ask(&asker, &(struct wish){.operation = TRAIN_HELLO}) == TRAIN_COOKIE);
	asker.cookie = cookie_of(asker.packet);
	return asker;
}

static void test_whole_train(void)
{
	uint16_t udp_port;
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});
	struct asker asker = open_asker(udp_port);
	const struct wish wish = {
		.operation = TRAIN_RUN, .run = 1, .packet_bytes = 700, .bursts = 4, .packets = 25, .gap_ns = 100000};

	CHECK(ask(&asker, &wish) == TRAIN_RUNNING);
	/* Ends with the hundredth packet, or without one for 5 s. */
	for (; asker.received < 100; asker.received++) {
		size_t length = receive(asker.fd, asker.packet);
		CHECK(length == 700 && is_train_packet(asker.packet) && read_u32(asker.packet) == asker.received);
		if (length == 0)
			break;
	}
	CHECK(ask_until(&asker, &wish, TRAIN_COMPLETE) == TRAIN_COMPLETE);
	CHECK(handed_over(asker.packet) == 100 && asker.received == 100);
	const struct reflector_counters *counted = reflector_read_counters(reflector);
	CHECK(counted->trains.started == 1 && counted->trains.packets == 100);
	close(asker.fd);
	close_reflector(reflector);
}

/* 20 s asked for: ends on request, when its sender falls silent, and with the reflector; one at a time for a session.
 */
static void test_ends(void)
{
	uint16_t udp_port;
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});
	struct asker asker = open_asker(udp_port);
	struct wish wish = {
		.operation = TRAIN_RUN, .run = 1, .packet_bytes = 100, .bursts = 1, .packets = 20000, .gap_ns = 1e6};

	CHECK(ask(&asker, &wish) == TRAIN_RUNNING);
	wish.run = 2;
	CHECK(ask(&asker, &wish) == TRAIN_BUSY);
	wish.run = 1;
	wish.operation = TRAIN_STOP;
	CHECK(ask_until(&asker, &wish, TRAIN_STOPPED) == TRAIN_STOPPED && handed_over(asker.packet) < 20000);
	wish.run = 2;
	wish.operation = TRAIN_RUN;
	CHECK(ask(&asker, &wish) == TRAIN_RUNNING);
	/* Nothing for 5 s: it has fallen silent. */
	while (receive(asker.fd, asker.packet) > 0)
		continue;
	CHECK(ask(&asker, &wish) == TRAIN_STOPPED);
	CHECK(handed_over(asker.packet) >= 400 && handed_over(asker.packet) < 5000);
	wish.run = 3;
	CHECK(ask(&asker, &wish) == TRAIN_RUNNING);
	close_reflector(reflector);
	close(asker.fd);
}

/* Real-time priority of this process' thread of that name, the highest of several; -1 where there is none. */
static int find_priority(const char *name, int *with_priority)
{
	DIR *tasks = opendir("/proc/self/task");
	int found = -1;

	*with_priority = 0;
	for (struct dirent *task = readdir(tasks); task; task = readdir(tasks)) {
		char path[64], said[32] = "";
		struct sched_param param;
		snprintf(path, sizeof path, "/proc/self/task/%.16s/comm", task->d_name);
		FILE *file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(said, sizeof said, file) && strncmp(said, name, strlen(name)) == 0 &&
			sched_getparam(atoi(task->d_name), &param) == 0) {
			found = param.sched_priority > found ? param.sched_priority : found;
			*with_priority += param.sched_priority > 0;
		}
		fclose(file);
	}
	closedir(tasks);
	return found;
}

/* Trains that spin keep neither the reflector from answering nor everything else from running. */
static void test_priorities(void)
{
	uint16_t udp_port;
	int several, one;
	struct asker askers[TRAIN_SLOTS];
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});
	const struct wish wish = {
		.operation = TRAIN_RUN, .run = 1, .packet_bytes = 100, .bursts = 1, .packets = 2000, .gap_ns = 1e7};

	for (int i = 0; i < TRAIN_SLOTS; i++) {
		struct asker *asker = &askers[i];
		*asker = open_asker(udp_port);
		CHECK(ask(asker, &wish) == TRAIN_RUNNING);
		/* The priority is that of a train once its first packet has left. */
		while (asker->received == 0 && receive(asker->fd, asker->packet) > 0)
			asker->received += is_train_packet(asker->packet);
		CHECK(asker->received > 0);
	}
	int trains = find_priority("nic-train", &several);
	int own = find_priority("nic-reflector", &one);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (!reflector_is_real_time(reflector))
		printf("skipped: no real-time priority to be had here\n");
	else
		CHECK(trains < own && several == (processors - 1 < TRAIN_SLOTS ? processors - 1 : TRAIN_SLOTS));
	close_reflector(reflector);
	for (int i = 0; i < TRAIN_SLOTS; i++)
		close(askers[i].fd);
}

static void test_quota(void)
{
	uint16_t udp_port;
	/* Room for two packets of 158 octets with their headers, and next to nothing more each second. */
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){.per_second = 0.001, .burst = 400});
	struct asker asker = open_asker(udp_port);
	struct wish wish = {.operation = TRAIN_RUN, .run = 1, .packet_bytes = 158, .bursts = 1, .packets = 3};

	CHECK(ask(&asker, &wish) == TRAIN_OVER_LIMIT);
	wish.packets = 2;
	CHECK(ask(&asker, &wish) == TRAIN_RUNNING);
	while (asker.received < 2 && receive(asker.fd, asker.packet) > 0)
		asker.received++;
	wish.run = 2;
	wish.packets = 1;
	/* The thread of the first has to end before. */
	CHECK(ask_until(&asker, &wish, TRAIN_OVER_LIMIT) == TRAIN_OVER_LIMIT && asker.received == 2);
	CHECK(reflector_read_counters(reflector)->trains.started == 1);
	close(asker.fd);
	close_reflector(reflector);
}

int main(void)
{
	if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0) {
		printf("skipped: the life of a train needs root, for a network namespace of its own\n");
		return 0;
	}
	test_whole_train();
	test_ends();
	test_priorities();
	test_quota();
	return failed_checks != 0;
}
