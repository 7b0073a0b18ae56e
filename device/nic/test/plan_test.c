// Plans that must be refused before the first packet, the time patch, and readiness messages. Needs no privilege.
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine_lab.h"
#include "notify.h"
#include "time_patch.h"

static const struct port ETHERNET = {.mtu = 1500, .hardware_type = ARPHRD_ETHER, .layer = SEND_LINK};
static const struct port ROUTED = {.mtu = 1500, .hardware_type = ARPHRD_NONE, .layer = SEND_NETWORK4};

/* Check a plan of 3 packets and 100 bytes after `spoil` changed it. */
static int check_spoilt(const struct port *port, void (*spoil)(struct plan *))
{
	struct plan plan = lab_plan(3, 100, 1000);
	const char *reason;

	spoil(&plan);
	int error = plan_check(&plan, port, &reason);
	EXPECT(error == 0 || strlen(reason) > 0);
	plan_free(&plan);
	return error;
}

static void leave(struct plan *plan)
{
	(void)plan;
}

static void go_back_in_time(struct plan *plan)
{
	plan->offset_ns[2] = 999;
}

static void begin_before_zero(struct plan *plan)
{
	plan->offset_ns[0] = -1;
}

static void have_no_time(struct plan *plan)
{
	plan->offset_ns[1] = __builtin_nan("");
}

static void last_for_ever(struct plan *plan)
{
	plan->offset_ns[2] = __builtin_inf();
}

static void name_no_frame(struct plan *plan)
{
	plan->frame_index[1] = 3;
}

static void end_outside(struct plan *plan)
{
	plan->frame_length[2] = 101;
}

static void wrap_around(struct plan *plan)
{
	plan->frame_offset[0] = UINT32_MAX - 10;
}

static void have_no_header(struct plan *plan)
{
	plan->frame_length[0] = 13;
}

static void patch_outside(struct plan *plan)
{
	plan->timestamp_at = 93;
}

static void sum_outside(struct plan *plan)
{
	plan->checksum_at = 99;
}

static void sum_out_of_step(struct plan *plan)
{
	plan->timestamp_at = 30;
	plan->checksum_at = 21;
}

static void patch_before(struct plan *plan)
{
	plan->timestamp_at = -2;
}

static void replace_by_large(struct plan *plan, uint32_t bytes)
{
	plan_free(plan);
	*plan = lab_plan(1, bytes, 0);
}

static void be_full(struct plan *plan)
{
	replace_by_large(plan, 1514);
}

static void be_too_large(struct plan *plan)
{
	replace_by_large(plan, 1515);
}

static void be_full_and_tagged(struct plan *plan)
{
	replace_by_large(plan, 1518);
	plan->arena[12] = 0x81;
	plan->arena[13] = 0x00;
}

static void be_a_full_packet(struct plan *plan)
{
	replace_by_large(plan, 1500);
}

static void checks_plans(void)
{
	EXPECT(check_spoilt(&ETHERNET, leave) == 0);
	EXPECT(check_spoilt(&ETHERNET, go_back_in_time) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, begin_before_zero) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, have_no_time) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, last_for_ever) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, name_no_frame) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, end_outside) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, wrap_around) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, have_no_header) == -EINVAL);
	EXPECT(check_spoilt(&ROUTED, have_no_header) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, patch_outside) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, sum_outside) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, sum_out_of_step) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, patch_before) == -EINVAL);
	EXPECT(check_spoilt(&ETHERNET, be_full) == 0);
	EXPECT(check_spoilt(&ETHERNET, be_too_large) == -EMSGSIZE);
	EXPECT(check_spoilt(&ETHERNET, be_full_and_tagged) == 0);
	EXPECT(check_spoilt(&ROUTED, be_a_full_packet) == 0);
	EXPECT(check_spoilt(&ROUTED, be_full) == -EMSGSIZE);
}

static uint16_t sum_words(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Random packets and times: the patched packet sums to ones-complement zero as the whole packet before it did. */
static void patches_keep_checksums_right(void)
{
	unsigned seed = 20260101;
	uint8_t packet[64];

	printf("seed %u\n", seed);
	for (int turn = 0; turn < 200000; turn++) {
		for (size_t i = 0; i < sizeof packet; i++)
			packet[i] = turn % 3 == 0 ? 0xff : (uint8_t)rand_r(&seed);
		packet[10] = packet[11] = 0;
		uint16_t checksum = (uint16_t)~sum_words(packet, sizeof packet);
		packet[10] = (uint8_t)(checksum >> 8);
		packet[11] = (uint8_t)checksum;
		int64_t wall_ns = (int64_t)rand_r(&seed) * 1000000007 + rand_r(&seed);
		patch_time(packet, 24, 10, ntp_time(wall_ns));
		EXPECT(sum_words(packet, sizeof packet) == 0xffff);
		EXPECT(packet[10] != 0 || packet[11] != 0);
	}
}

static void writes_ntp_time(void)
{
	/*
	 * RFC 5905 figure 4: 1 January 1970 is second 2,208,988,800 of era 0; a half second is the top bit of the
	 * fraction.
	 */
	EXPECT(ntp_time(0) == 2208988800ULL << 32);
	EXPECT(ntp_time(1500000000) == (2208988801ULL << 32 | 0x80000000));
	EXPECT((ntp_time(999999999) & 0xffffffff) == 0xfffffffb);
}

static void tells_the_service_manager(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0apparenet-test-notify"};
	socklen_t length = offsetof(struct sockaddr_un, sun_path) + strlen(name.sun_path + 1) + 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char state[32] = "";

	EXPECT(bind(fd, (struct sockaddr *)&name, length) == 0);
	EXPECT(notify_send("@apparenet-test-notify", "READY=1", 7) == 0);
	EXPECT(recv(fd, state, sizeof state - 1, 0) == 7 && strcmp(state, "READY=1") == 0);
	close(fd);
	EXPECT(notify_send("@apparenet-test-notify", "READY=1", 7) == -ECONNREFUSED);
	EXPECT(notify_send("relative", "READY=1", 7) == -EINVAL);
	EXPECT(notify_send("", "READY=1", 7) == -EINVAL);
}

int main(void)
{
	checks_plans();
	writes_ntp_time();
	patches_keep_checksums_right();
	tells_the_service_manager();
	printf(lab_failures() == 0 ? "ok\n" : "%d failures\n", lab_failures());
	return lab_failures() == 0 ? 0 : 1;
}
