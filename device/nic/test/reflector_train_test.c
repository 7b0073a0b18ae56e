// What is asked of trains and granted: octets, the cookie, and that nothing but a fresh cookie of its own starts one.
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "reflector_answer.h"
#include "reflector_check.h"
#include "stamp_reply_tlv.h"
#include "train_wish.h"

enum { FUZZ_REQUESTS = 400000 };

static const uint64_t FUZZ_SEED = 0x25210052;
static const struct siphash_key KEY = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
static const int64_t NOW_NS = 100 * COOKIE_PERIOD_NS;

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
	return failed_checks != 0;
}
