// Trains: their octets, the cookie, that nothing but a fresh cookie of its own starts one, and their life on loopback.
#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "reflector_answer.h"
#include "reflector_check.h"
#include "stamp_reply_tlv.h"

enum {
	FUZZ_REQUESTS = 400000,
	REQUEST_BYTES = STAMP_BASE_BYTES + TLV_HEADER_BYTES + TRAIN_VALUE_BYTES,
	MOST_BYTES = 2048
};

static const uint64_t FUZZ_SEED = 0x25210052;
static const struct siphash_key KEY = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
static const int64_t NOW_NS = 100 * COOKIE_PERIOD_NS;

/* What a test asks for, in the units of the wire. */
struct wish {
	uint8_t operation;
	uint32_t run;
	uint64_t cookie;
	uint16_t packet_bytes;
	uint32_t bursts;
	uint32_t packets;
	double gap_ns;
};

static void write_wish(uint8_t *packet, const struct wish *wish)
{
	static const uint8_t head[16] = {0, 0, 0, 7, 0xea, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 1, 1, 0x0a, 0x0b};
	uint8_t *tlv = packet + STAMP_BASE_BYTES;
	uint8_t *value = tlv + TLV_HEADER_BYTES;

	memset(packet, 0, REQUEST_BYTES);
	memcpy(packet, head, sizeof head);
	tlv[0] = TLV_UNRECOGNISED;
	tlv[1] = TLV_TRAIN;
	write_u16(tlv + 2, TRAIN_VALUE_BYTES);
	value[0] = wish->operation;
	write_u32(value + 4, wish->run);
	write_u64(value + 8, wish->cookie);
	write_u16(value + 16, wish->packet_bytes);
	write_u32(value + 20, wish->bursts);
	write_u32(value + 24, wish->packets);
	write_u32(value + 28, 1 << 22);
	write_u64(value + 32, (uint64_t)(wish->gap_ns * (1 << 24)));
}

static uint8_t status_of(const uint8_t *reply)
{
	return reply[STAMP_BASE_BYTES + TLV_HEADER_BYTES + 1];
}

static uint64_t cookie_of(const uint8_t *reply)
{
	const uint8_t *at = reply + STAMP_BASE_BYTES + TLV_HEADER_BYTES + 8;

	return (uint64_t)read_u32(at) << 32 | read_u32(at + 4);
}

static uint32_t handed_over(const uint8_t *reply)
{
	return read_u32(reply + STAMP_BASE_BYTES + TLV_HEADER_BYTES + 48);
}

/* From the reference vectors of SipHash-2-4. */
static void test_siphash(void)
{
	uint8_t input[15];

	for (uint8_t i = 0; i < sizeof input; i++)
		input[i] = i;
	CHECK(siphash(&KEY, input, 0) == 0x726fdb47dd0e0e31ULL);
	CHECK(siphash(&KEY, input, 15) == 0xa129ca6149be45e5ULL);
}

static void test_cookie(void)
{
	struct cookie_holder holder = {.source = {[15] = 1}, .destination = {[15] = 2}, .source_port = 5, .ssid = 6};
	uint64_t cookie = cookie_make(&KEY, &holder, NOW_NS);

	CHECK(cookie_is_valid(&KEY, &holder, NOW_NS, cookie));
	CHECK(cookie_is_valid(&KEY, &holder, NOW_NS + 2 * COOKIE_PERIOD_NS - 1, cookie));
	CHECK(!cookie_is_valid(&KEY, &holder, NOW_NS + 2 * COOKIE_PERIOD_NS, cookie));
	CHECK(!cookie_is_valid(&KEY, &holder, NOW_NS - 1, cookie));
	CHECK(!cookie_is_valid(&KEY, &holder, NOW_NS, cookie ^ 1));
	for (int i = 0; i < 5; i++) {
		struct cookie_holder other = holder;
		other.source[15] ^= i == 0;
		other.destination[0] ^= i == 1;
		other.source_port ^= i == 2;
		other.ssid ^= i == 3;
		other.interface ^= i == 4;
		CHECK(!cookie_is_valid(&KEY, &other, NOW_NS, cookie));
	}
}

static void test_find(void)
{
	uint8_t packet[REQUEST_BYTES];
	struct train_asked asked;

	write_wish(packet, &(struct wish){TRAIN_RUN, 9, 0x0102030405060708, 1472, 3, 50, 1000.5});
	CHECK(train_find(packet, sizeof packet, &asked));
	CHECK(asked.operation == TRAIN_RUN && asked.run == 9 && asked.cookie == 0x0102030405060708);
	CHECK(asked.shape.packet_bytes == 1472 && asked.shape.bursts == 3 && asked.shape.packets == 50);
	CHECK(asked.shape.spread == 1 && asked.shape.first_gap_ns == 1000.5 && asked.shape.spacing_ns == 0);
	CHECK(!train_find(packet, sizeof packet - 1, &asked));
	packet[STAMP_BASE_BYTES + 1] = TLV_EXTRA_PADDING;
	CHECK(!train_find(packet, sizeof packet, &asked));
	/* The answer, sent back by a port that echoes, has the cookie of that port and still asks for nothing. */
	write_wish(packet, &(struct wish){TRAIN_RUN, 9, 0, 1472, 3, 50, 1000.5});
	train_write_answer(packet + STAMP_BASE_BYTES + TLV_HEADER_BYTES,
		&(struct train_answer){.known = true, .status = TRAIN_COOKIE, .cookie = 5});
	CHECK(!train_find(packet, sizeof packet, &asked));
	/* A packet of a train asks for nothing. */
	write_wish(packet, &(struct wish){.operation = TRAIN_PACKET});
	CHECK(!train_find(packet, sizeof packet, &asked));
}

static void test_duration(void)
{
	struct train_shape shape = {.bursts = 2, .packets = 4, .spread = 2, .first_gap_ns = 800, .spacing_ns = 5000};

	CHECK(train_duration_ns(&shape) == 2 * (800 + 400 + 200) + 5000);
	shape.spread = 1;
	CHECK(train_duration_ns(&shape) == 2 * 2400 + 5000);
	shape.spread = 1.5;
	shape.packets = TRAIN_MOST_CHIRP + 1;
	CHECK(train_duration_ns(&shape) > TRAIN_MOST_NS);
}

/* A train packet of every length is none that any reflector would answer, also minutes after its request. */
static void test_packet(void)
{
	uint8_t request[REQUEST_BYTES];

	write_wish(request, &(struct wish){.operation = TRAIN_RUN, .run = 9});
	for (size_t length = TRAIN_PACKET_MIN_BYTES; length < 200; length++) {
		uint8_t *packet = malloc(length);
		train_encode_packet(packet, length, request, &(struct train_head){9, 0x8a0b, 61});
		train_write_departure(packet, 0x01020304, 1714979289123456789);
		CHECK(!stamp_is_request(packet, length));
		CHECK(read_u32(packet) == 0x01020304 && read_u32(packet + STAMP_BASE_BYTES + 12) == 0x01020304);
		CHECK(memcmp(packet + 4, packet + 16, 8) == 0 && memcmp(packet + 24, request, 4) == 0);
		CHECK(stamp_ssid(packet, length) == 0x0a0b && packet[40] == 61);
		free(packet);
	}
}

static struct train_counters counters;

static void open_trains(struct trains *trains, bool enabled)
{
	struct trains_options options = {
		.enabled = enabled, .quota = {.max_sources = 4}, .secret = KEY, .counters = &counters};

	CHECK(trains_open(trains, &options) == 0);
}

/*
 * Whatever is asked, without the cookie of the asking address nothing starts, and the reply is as long as the request.
 * Cookies of neighbours and of earlier are among what is tried.
 */
static void test_fuzzed_requests(void)
{
	struct sockaddr_storage peer = {.ss_family = AF_INET};
	uint64_t random = FUZZ_SEED;
	unsigned long asked_for = 0;
	struct trains trains;

	open_trains(&trains, true);
	counters.started = counters.refused = 0;
	for (int n = 0; n < FUZZ_REQUESTS; n++) {
		size_t length = REQUEST_BYTES + next_random(&random) % 40;
		uint8_t *packet = calloc(1, length);
		struct arrival arrival = {.packet = packet, .length = length, .source_port = 50000, .peer = &peer};
		struct cookie_holder other = {.source_port = 50000 + next_random(&random) % 2, .ssid = 0x0a0b};
		other.source[15] = other.source_port == 50000;
		uint64_t cookie = next_random(&random) % 2 ? next_random(&random) : cookie_make(&KEY, &other, NOW_NS);
		write_wish(packet, &(struct wish){(uint8_t)(next_random(&random) % 6), (uint32_t)next_random(&random),
					   cookie, (uint16_t)next_random(&random), 1, 1 + next_random(&random) % 9, 0});
		for (uint64_t spoilt = next_random(&random) % 3; spoilt > 0; spoilt--)
			packet[44 + next_random(&random) % (length - 44)] = (uint8_t)next_random(&random);
		struct train_way way = {.socket = {.fd = -1, .family = AF_INET}, .arrival = &arrival};
		struct session session = {0};
		struct train_asked asked;
		struct stamp_context context = {0};
		if (train_find(packet, length, &asked)) {
			asked_for++;
			context.train = trains_answer(&trains, &asked, &session, &way, NOW_NS);
			CHECK(context.train.status == TRAIN_COOKIE);
		}
		stamp_encode_reply(packet, length, &context);
		CHECK(!session.train.known);
		free(packet);
	}
	CHECK(counters.started == 0 && counters.refused == 0);
	CHECK(asked_for > FUZZ_REQUESTS / 4);
	trains_close(&trains);
	printf("fuzzed %d requests for trains with seed 0x%llx, %lu of them well formed\n", FUZZ_REQUESTS,
		(unsigned long long)FUZZ_SEED, asked_for);
}

/* With the right cookie: bounds and numbers. No socket: a train that starts fails at its first packet. */
static enum train_status ask(struct trains *trains, struct session *session, const struct wish *wish, int64_t now_ns)
{
	struct sockaddr_storage peer = {.ss_family = AF_INET};
	uint8_t packet[REQUEST_BYTES];
	struct arrival arrival = {.packet = packet, .length = sizeof packet, .source_port = 50000, .peer = &peer};
	struct cookie_holder holder = {.source_port = 50000, .ssid = 0x0a0b};
	struct train_way way = {.socket = {.fd = -1, .family = AF_INET}, .arrival = &arrival};
	struct wish wished = *wish;
	struct train_asked asked;

	wished.cookie = cookie_make(&KEY, &holder, now_ns);
	write_wish(packet, &wished);
	CHECK(train_find(packet, sizeof packet, &asked));
	return trains_answer(trains, &asked, session, &way, now_ns).status;
}

static void test_bounds(void)
{
	static const struct wish WRONG[] = {
		{.packet_bytes = 59, .bursts = 1, .packets = 1},
		{.packet_bytes = TRAIN_PACKET_MOST_BYTES + 1, .bursts = 1, .packets = 1},
		{.packet_bytes = 60, .bursts = 0, .packets = 1},
		{.packet_bytes = 60, .bursts = 1, .packets = 0},
		{.packet_bytes = 60, .bursts = 1, .packets = TRAIN_MOST_PACKETS + 1},
		{.packet_bytes = 60, .bursts = 0x10000, .packets = 0x10000},
		{.packet_bytes = 60, .bursts = 0xffffffff, .packets = 0xffffffff},
		{.packet_bytes = 1472, .bursts = 1, .packets = 200000},
		{.packet_bytes = 60, .bursts = 1, .packets = 32, .gap_ns = 1e9},
	};
	struct session session = {0};
	struct trains trains;

	open_trains(&trains, true);
	for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
		struct wish wish = WRONG[i];
		wish.operation = TRAIN_RUN;
		wish.run = 1;
		CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_OVER_LIMIT);
	}
	trains_close(&trains);
	open_trains(&trains, false);
	struct train_asked asked = {.operation = TRAIN_HELLO};
	struct arrival arrival = {.packet = (uint8_t[STAMP_BASE_BYTES]){0}, .length = STAMP_BASE_BYTES};
	struct train_way way = {.arrival = &arrival};
	CHECK(!trains_answer(&trains, &asked, &session, &way, NOW_NS).known);
	trains_close(&trains);
}

static void test_run_numbers(void)
{
	const struct wish small = {
		.operation = TRAIN_RUN, .run = 0xffffffff, .packet_bytes = 60, .bursts = 1, .packets = 1};
	struct session session = {0};
	struct trains trains;
	struct wish wish = small;

	open_trains(&trains, true);
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_RUNNING);
	for (int i = 0; i < 1000 && ask(&trains, &session, &wish, mono_ns()) == TRAIN_RUNNING; i++)
		usleep(10000);
	/* Asked again it is not sent again; it failed, since it had no socket. */
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_FAILED);
	wish.run = 0xfffffffe;
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_UNKNOWN);
	/* Numbers wrap. A stop that overtakes its start wins. */
	wish.run = 3;
	wish.operation = TRAIN_STOP;
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_UNKNOWN);
	wish.operation = TRAIN_RUN;
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_UNKNOWN);
	wish.run = 4;
	CHECK(ask(&trains, &session, &wish, mono_ns()) == TRAIN_RUNNING);
	trains_close(&trains);
}

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

/* Asks, and takes the answer to that out of what else arrives; counts train packets on the way. */
static void exchange(int fd, const struct wish *wish, uint8_t *reply, unsigned *train_packets)
{
	uint8_t packet[REQUEST_BYTES];

	write_wish(packet, wish);
	CHECK(send(fd, packet, sizeof packet, 0) == sizeof packet);
	for (size_t length = receive(fd, reply); length > 0; length = receive(fd, reply)) {
		if (!is_train_packet(reply)) {
			CHECK(length == sizeof packet);
			return;
		}
		*train_packets += 1;
	}
	CHECK(!"an answer came");
}

static uint64_t fetch_cookie(int fd)
{
	uint8_t reply[MOST_BYTES];
	unsigned none = 0;

	exchange(fd, &(struct wish){.operation = TRAIN_HELLO}, reply, &none);
	CHECK(status_of(reply) == TRAIN_COOKIE);
	return cookie_of(reply);
}

static void test_whole_train(void)
{
	uint8_t packet[MOST_BYTES];
	uint16_t udp_port;
	unsigned count = 0;
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});
	int fd = connect_to(udp_port);
	struct wish wish = {TRAIN_RUN, 1, fetch_cookie(fd), 700, 4, 25, 100000};

	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_RUNNING);
	/* Ends with the hundredth packet, or without one for 5 s. */
	for (; count < 100; count++) {
		size_t length = receive(fd, packet);
		CHECK(length == 700 && is_train_packet(packet) && read_u32(packet) == count);
		if (length == 0)
			break;
	}
	for (int i = 0; i < 500; i++) {
		exchange(fd, &wish, packet, &count);
		if (status_of(packet) != TRAIN_RUNNING)
			break;
	}
	CHECK(status_of(packet) == TRAIN_COMPLETE && handed_over(packet) == 100 && count == 100);
	const struct reflector_counters *counted = reflector_read_counters(reflector);
	CHECK(counted->trains.started == 1 && counted->trains.packets == 100);
	close(fd);
	close_reflector(reflector);
}

/* 20 s asked for: ends on request, when its sender falls silent, and with the reflector; one at a time for a session.
 */
static void test_ends(void)
{
	uint8_t packet[MOST_BYTES];
	uint16_t udp_port;
	unsigned count = 0;
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});
	int fd = connect_to(udp_port);
	struct wish wish = {TRAIN_RUN, 1, fetch_cookie(fd), 100, 1, 20000, 1e6};

	exchange(fd, &wish, packet, &count);
	wish.run = 2;
	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_BUSY);
	wish.run = 1;
	wish.operation = TRAIN_STOP;
	/* Ends as the train does; each turn asks once. */
	for (int i = 0; i < 500 && status_of(packet) != TRAIN_STOPPED; i++)
		exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_STOPPED && handed_over(packet) < 20000);
	wish.run = 2;
	wish.operation = TRAIN_RUN;
	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_RUNNING);
	/* Nothing for 5 s: it has fallen silent. */
	while (receive(fd, packet) > 0)
		continue;
	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_STOPPED && handed_over(packet) >= 400 && handed_over(packet) < 5000);
	wish.run = 3;
	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_RUNNING);
	close_reflector(reflector);
	close(fd);
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
	uint8_t packet[MOST_BYTES];
	uint16_t udp_port;
	int fds[TRAIN_SLOTS], several, one;
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){0});

	for (int i = 0; i < TRAIN_SLOTS; i++) {
		unsigned count = 0;
		fds[i] = connect_to(udp_port);
		struct wish wish = {TRAIN_RUN, 1, fetch_cookie(fds[i]), 100, 1, 2000, 1e7};
		exchange(fds[i], &wish, packet, &count);
		CHECK(status_of(packet) == TRAIN_RUNNING);
		/* The priority is that of a train once its first packet has left. */
		while (count == 0 && receive(fds[i], packet) > 0)
			count += is_train_packet(packet);
		CHECK(count > 0);
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
		close(fds[i]);
}

static void test_quota(void)
{
	uint8_t packet[MOST_BYTES];
	uint16_t udp_port;
	unsigned count = 0;
	/* Room for two packets of 158 octets with their headers, and next to nothing more each second. */
	struct reflector *reflector = open_reflector(&udp_port, (struct rate){.per_second = 0.001, .burst = 400});
	int fd = connect_to(udp_port);
	struct wish wish = {TRAIN_RUN, 1, fetch_cookie(fd), 158, 1, 3, 0};

	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_OVER_LIMIT);
	wish.packets = 2;
	exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_RUNNING);
	while (count < 2 && receive(fd, packet) > 0)
		count++;
	wish.run = 2;
	wish.packets = 1;
	/* Ends when the thread of the first has. */
	for (int i = 0; i < 500 && status_of(packet) != TRAIN_OVER_LIMIT; i++)
		exchange(fd, &wish, packet, &count);
	CHECK(status_of(packet) == TRAIN_OVER_LIMIT && count == 2);
	CHECK(reflector_read_counters(reflector)->trains.started == 1);
	close(fd);
	close_reflector(reflector);
}

int main(void)
{
	test_siphash();
	test_cookie();
	test_find();
	test_duration();
	test_packet();
	test_fuzzed_requests();
	test_bounds();
	test_run_numbers();
	if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up") != 0) {
		printf("skipped: the life of a train needs root, for a network namespace of its own\n");
		return failed_checks != 0;
	}
	test_whole_train();
	test_ends();
	test_priorities();
	test_quota();
	return failed_checks != 0;
}
