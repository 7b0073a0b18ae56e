// What is a request, what its reply looks like octet by octet, and that no input makes it read or write out of bounds.
#include <stdlib.h>
#include <string.h>

#include "reflector_check.h"
#include "stamp_reply.h"
#include "stamp_reply_tlv.h"

enum { FUZZ_PACKETS = 1200000, FUZZ_MOST_BYTES = 400 };

static const uint64_t FUZZ_SEED = 0x3237862;

/* 2024-05-06 07:08:09.123456789 UTC, on both clocks. */
static const int64_t RECEIVED_NS = 1714979289123456789;

static const struct stamp_context CONTEXT = {
	.received_ns = RECEIVED_NS,
	.sequence = 0x01020304,
	.error_estimate = 0x8a0b,
	.ttl = 61,
	.tos = 46 << 2 | 1,
	.session_received = 9,
	.session_sent = 8,
	.follow_up = {.known = true, .sequence = 0x01020303, .sent_ns = RECEIVED_NS - 1000000000},
	.source = {.address = {10, 1, 2, 3}, .port = 50000},
	.destination = {.address = {10, 9, 8, 7}, .port = 3237},
};

/* Sequence 7, T1 = 0xea00000012345678, error estimate 0x0101, SSID 0x0a0b. */
static void write_request(uint8_t *packet, size_t length)
{
	static const uint8_t head[16] = {0, 0, 0, 7, 0xea, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 1, 1, 0x0a, 0x0b};

	memset(packet, 0, length);
	memcpy(packet, head, length < sizeof head ? length : sizeof head);
}

static void test_requests(void)
{
	uint8_t packet[112];

	write_request(packet, sizeof packet);
	CHECK(stamp_is_request(packet, 44));
	CHECK(stamp_is_request(packet, 41));
	CHECK(!stamp_is_request(packet, 40));
	CHECK(!stamp_is_request(packet, 0));
	packet[13] = 0;
	CHECK(stamp_is_request(packet, 44));
	packet[0] = 0x90;
	CHECK(stamp_is_request(packet, 44));
	memset(packet + 4, 0, 8);
	CHECK(!stamp_is_request(packet, 44));
}

static void test_foreign_packets(void)
{
	uint8_t packet[112] = {0};

	/* Authenticated STAMP: sequence, 12 octets of zeros, timestamp. */
	packet[3] = 1;
	packet[16] = 0xea;
	CHECK(!stamp_is_request(packet, sizeof packet));
	/* RTP, version 2, and the same octets with another version: TWAMP-Light with a padding of its own. */
	memset(packet, 0x5a, sizeof packet);
	packet[0] = 0x80;
	packet[4] = 0xea;
	CHECK(!stamp_is_request(packet, sizeof packet));
	packet[0] = 0;
	CHECK(stamp_is_request(packet, sizeof packet));
	packet[13] = 0;
	CHECK(!stamp_is_request(packet, sizeof packet));
}

static void test_replies_are_no_requests(void)
{
	uint8_t packet[44];

	for (int turnaround_s = -2; turnaround_s <= 3; turnaround_s++) {
		write_request(packet, sizeof packet);
		stamp_encode_reply(packet, sizeof packet, &CONTEXT);
		stamp_write_sent(packet, RECEIVED_NS + turnaround_s * 1000000000LL);
		CHECK(stamp_is_request(packet, sizeof packet) == (turnaround_s == 3));
	}
}

static void test_golden_reply(void)
{
	// clang-format off
	static const uint8_t expected[44] = {
		1,    2,    3,    4,                            /* own sequence */
		0xe9, 0xe3, 0x00, 0x59, 0x1f, 0x9a, 0xdd, 0x37, /* T3: .123456789 s * 2^32 = 0x1f9add37 */
		0x8a, 0x0b, 0x0a, 0x0b,                         /* error estimate, SSID */
		0xe9, 0xe3, 0x00, 0x59, 0x1f, 0x9a, 0xdd, 0x37, /* T2 */
		0,    0,    0,    7,                            /* sender's sequence */
		0xea, 0,    0,    0,    0x12, 0x34, 0x56, 0x78, /* T1 */
		1,    1,    0,    0,    61,   0,    0,    0,
	};
	// clang-format on
	uint8_t packet[44];

	for (size_t length = STAMP_MIN_BYTES; length <= sizeof packet; length++) {
		write_request(packet, sizeof packet);
		struct stamp_reply reply = stamp_encode_reply(packet, length, &CONTEXT);
		stamp_write_sent(packet, RECEIVED_NS);
		CHECK(memcmp(packet, expected, length) == 0);
		CHECK(reply.tos == 46 << 2);
		CHECK(!reply.wants_follow_up);
	}
	CHECK(stamp_ssid(packet, 44) == 0x0a0b);
	CHECK(stamp_ssid(packet, 43) == 0);
}

static void test_ntp(void)
{
	CHECK(stamp_ntp(0) == 0x83aa7e8000000000ULL);
	CHECK(stamp_ntp(1) == 0x83aa7e8000000004ULL);
	CHECK(stamp_ntp(-1) == 0x83aa7e7ffffffffcULL);
	CHECK(stamp_ntp(999999999) == 0x83aa7e80fffffffcULL);
	/* The era of NTP ends 2036-02-07 06:28:16 and begins anew with 0. */
	CHECK(stamp_ntp(2085978496LL * 1000000000) == 0);
}

static void test_error_estimate(void)
{
	for (int64_t error_ns = 1; error_ns < 80000LL * 1000000000; error_ns = error_ns * 3 / 2 + 1) {
		uint16_t field = stamp_error_estimate(error_ns, false);
		double stated_ns = (double)(field & 0xff) * 1e9 / 4294967296.0 * (double)(1ULL << (field >> 8 & 0x3f));
		CHECK((field & 0xc000) == 0);
		CHECK(stated_ns >= (double)error_ns);
		CHECK(stated_ns <= (double)error_ns * 1.02 + 1);
	}
	CHECK(stamp_error_estimate(1000, true) == (0x8000 | stamp_error_estimate(1000, false)));
	CHECK((stamp_error_estimate(0, false) & 0xff) != 0);
	CHECK((stamp_error_estimate(INT64_MAX, false) & 0xff) != 0);
}

/* Answers one TLV of `type` and `length` with the given value; `flags` as a sender sets them. */
static struct stamp_reply answer_one(uint8_t *tlv, uint8_t type, uint8_t length, const uint8_t *value)
{
	struct stamp_reply reply = {0};

	memset(tlv, 0, 64);
	tlv[0] = TLV_UNRECOGNISED;
	tlv[1] = type;
	tlv[3] = length;
	if (value)
		memcpy(tlv + 4, value, length);
	tlv_answer_all(tlv, (size_t)length + 4, &CONTEXT, &reply);
	return reply;
}

static void test_class_of_service(void)
{
	uint8_t tlv[64];

	/* DSCP1 10 is granted, DSCP2 46, ECN 1. */
	struct stamp_reply reply = answer_one(tlv, TLV_CLASS_OF_SERVICE, 4, (const uint8_t[]){10 << 2, 0, 0xff, 0xff});
	CHECK(reply.tos == 10 << 2);
	CHECK(memcmp(tlv, (const uint8_t[]){0, 4, 0, 4, 10 << 2 | 46 >> 4, (46 & 15) << 4 | 1 << 2, 0, 0}, 8) == 0);
	/* 56, network control, is not: RP = 1. */
	reply = answer_one(tlv, TLV_CLASS_OF_SERVICE, 4, (const uint8_t[]){56 << 2, 0, 0, 0});
	CHECK(reply.tos == 0);
	CHECK((tlv[5] & 3) == 1);
	CHECK(tlv[4] >> 2 == 56);
}

static void test_follow_up(void)
{
	static const uint8_t expected[20] = {
		0, 7, 0, 16, 1, 2, 3, 3, 0xe9, 0xe3, 0x00, 0x58, 0x1f, 0x9a, 0xdd, 0x37, 2, 0, 0, 0};
	uint8_t tlv[64];

	struct stamp_reply reply = answer_one(tlv, TLV_FOLLOW_UP, 16, NULL);
	CHECK(reply.wants_follow_up);
	CHECK(memcmp(tlv, expected, sizeof expected) == 0);
	reply = answer_one(tlv, TLV_FOLLOW_UP, 12, NULL);
	CHECK(tlv[0] == TLV_MALFORMED);
	CHECK(!reply.wants_follow_up);
}

static void test_counters_and_information(void)
{
	uint8_t tlv[64];

	answer_one(tlv, TLV_DIRECT_MEASUREMENT, 12, (const uint8_t[12]){0, 0, 0, 5});
	CHECK(memcmp(tlv, (const uint8_t[]){0, 5, 0, 12, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 8}, 16) == 0);
	answer_one(tlv, TLV_TIMESTAMP_INFORMATION, 4, NULL);
	CHECK(memcmp(tlv, (const uint8_t[]){0, 3, 0, 4, 1, 2, 1, 2}, 8) == 0);
	answer_one(tlv, TLV_ACCESS_REPORT, 4, (const uint8_t[]){0x10, 1, 0, 0});
	CHECK(memcmp(tlv, (const uint8_t[]){0, 6, 0, 4, 0x10, 1, 0, 0}, 8) == 0);
	answer_one(tlv, TLV_EXTRA_PADDING, 3, (const uint8_t[]){1, 2, 3});
	CHECK(memcmp(tlv, (const uint8_t[]){0, 1, 0, 3, 1, 2, 3}, 7) == 0);
}

static void test_location(void)
{
	/* Ports, then: source IP, a type that nobody knows, source MAC, destination IP of a wrong length. */
	// clang-format off
	static const uint8_t asked[] = {
		0,    0, 0, 0,  0x80, 7, 0, 16, 0, 0, 0, 0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x80, 99, 0, 0, 0x80, 1, 0, 8,  0, 0, 0, 0,    0, 0, 0, 0, 0x80, 4, 0, 4, 1, 2, 3, 4,
	};
	static const uint8_t answered[] = {
		0x0c, 0xa5, 0xc3, 0x50, 0, 8, 0, 16, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0x80, 99,   0,    0,    0, 3, 0, 8,  0,  0, 0, 0, 0, 0, 0, 0, 0x40, 4, 0, 4, 1, 2, 3, 4,
	};
	// clang-format on
	uint8_t tlv[64];

	answer_one(tlv, TLV_LOCATION, sizeof asked, asked);
	CHECK(tlv[0] == 0);
	CHECK(memcmp(tlv + 4, answered, sizeof answered) == 0);
	answer_one(tlv, TLV_LOCATION, 3, NULL);
	CHECK(tlv[0] == TLV_MALFORMED);
}

static void test_unknown_and_malformed(void)
{
	uint8_t tlvs[] = {0x80, 8, 0, 2, 1, 2, 0x80, 200, 0, 0, 0x80, 1, 0, 9, 5, 0x80, 1, 0, 0};
	const uint8_t answered[] = {0x80, 8, 0, 2, 1, 2, 0x80, 200, 0, 0, 0x40, 1, 0, 9, 5, 0x80, 1, 0, 0};
	uint8_t padding[40];
	uint8_t padding_before[40];
	struct stamp_reply reply;

	tlv_answer_all(tlvs, sizeof tlvs, &CONTEXT, &reply);
	CHECK(memcmp(tlvs, answered, sizeof tlvs) == 0);
	/* Zeros, and what follows a type of zero, are padding. */
	memset(padding, 0x80, sizeof padding);
	padding[1] = TLV_NONE;
	memcpy(padding_before, padding, sizeof padding);
	tlv_answer_all(padding, sizeof padding, &CONTEXT, &reply);
	CHECK(memcmp(padding, padding_before, sizeof padding) == 0);
}

static size_t make_fuzzed(uint8_t *packet, uint64_t *random)
{
	size_t length = next_random(random) % FUZZ_MOST_BYTES;
	bool mutated = next_random(random) & 1;

	if (!mutated) {
		for (size_t i = 0; i < length; i++)
			packet[i] = (uint8_t)next_random(random);
		return length;
	}
	/* A request full of plausible TLVs, some octets of which are then spoilt. */
	write_request(packet, length);
	for (size_t at = STAMP_BASE_BYTES; at + 4 < length;) {
		static const uint8_t lengths[] = {0, 3, 28, 4, 4, 12, 4, 16, 16, 1};
		uint8_t type = (uint8_t)(1 + next_random(random) % 9);
		packet[at] = TLV_UNRECOGNISED;
		packet[at + 1] = type;
		packet[at + 3] = lengths[type];
		if (type == TLV_LOCATION && at + 12 < length) {
			packet[at + 9] = (uint8_t)(next_random(random) % 10);
			packet[at + 11] = 16;
		}
		at += 4u + lengths[type];
	}
	for (uint64_t n = next_random(random) % 4; n > 0 && length > 0; n--)
		packet[next_random(random) % length] = (uint8_t)next_random(random);
	return length;
}

/* Each packet lies alone in memory of exactly its length, so that the sanitizer sees any octet beyond it. */
static void test_fuzzed(void)
{
	uint8_t made[FUZZ_MOST_BYTES];
	uint64_t random = FUZZ_SEED;
	unsigned long answered = 0;

	for (int n = 0; n < FUZZ_PACKETS; n++) {
		size_t length = make_fuzzed(made, &random);
		struct stamp_context context = CONTEXT;
		context.ipv6 = n & 1;
		context.follow_up.known = n & 2;
		uint8_t *packet = malloc(length ? length : 1);
		memcpy(packet, made, length);
		if (stamp_is_request(packet, length)) {
			struct stamp_reply reply = stamp_encode_reply(packet, length, &context);
			stamp_write_sent(packet, RECEIVED_NS);
			CHECK((reply.tos & 3) == 0);
			CHECK(!stamp_is_request(packet, length));
			CHECK(memcmp(packet + 24, made, 4) == 0);
			answered++;
		}
		free(packet);
	}
	printf("fuzzed %d packets with seed 0x%llx, %lu of them requests\n", FUZZ_PACKETS,
		(unsigned long long)FUZZ_SEED, answered);
	CHECK(answered > FUZZ_PACKETS / 4);
}

int main(void)
{
	test_requests();
	test_foreign_packets();
	test_replies_are_no_requests();
	test_golden_reply();
	test_ntp();
	test_error_estimate();
	test_class_of_service();
	test_follow_up();
	test_counters_and_information();
	test_location();
	test_unknown_and_malformed();
	test_fuzzed();
	return failed_checks != 0;
}
