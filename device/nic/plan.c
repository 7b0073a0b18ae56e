// Checks a run's plan before its first packet: bounds, order and sizes. Sends nothing.
#include "plan.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <net/if_arp.h>
#include <stdlib.h>

#include "time_patch.h"

enum { VLAN_TAG_BYTES = 4, IPV4_HEADER_BYTES = 20, IPV6_HEADER_BYTES = 40 };

/* The longest schedule: offsets stay exact in a double and far from the end of a 64-bit count. */
static const double OFFSET_NS_MAX = 1e15;
/* From packet to packet, on average, from which on a stream is a light one. */
static const double LIGHT_GAP_NS = 50e6;

static uint32_t least_bytes(const struct port *port)
{
	if (port->layer == SEND_NETWORK4)
		return IPV4_HEADER_BYTES;
	if (port->layer == SEND_NETWORK6)
		return IPV6_HEADER_BYTES;
	return port->hardware_type == ARPHRD_NONE ? 1 : ETH_HLEN;
}

static bool is_tagged(const uint8_t *frame)
{
	return (frame[12] == 0x81 && frame[13] == 0x00) || (frame[12] == 0x88 && frame[13] == 0xa8);
}

static uint32_t most_bytes(const struct port *port, const uint8_t *frame)
{
	if (port->layer != SEND_LINK || port->hardware_type == ARPHRD_NONE)
		return port->mtu;
	return port->mtu + ETH_HLEN + (is_tagged(frame) ? VLAN_TAG_BYTES : 0);
}

static bool patch_fits(const struct plan *plan, uint32_t length)
{
	if (plan->timestamp_at >= 0 && (uint32_t)plan->timestamp_at + NTP_TIME_BYTES > length)
		return false;
	return plan->checksum_at < 0 || (uint32_t)plan->checksum_at + 2 <= length;
}

static int check_frames(const struct plan *plan, const struct port *port, const char **reason)
{
	for (uint32_t i = 0; i < plan->frame_count; i++) {
		uint32_t offset = plan->frame_offset[i];
		uint32_t length = plan->frame_length[i];

		*reason = "a frame lies outside the arena";
		if (offset > plan->arena_bytes || length > plan->arena_bytes - offset)
			return -EINVAL;
		*reason = "a frame is shorter than its own header";
		if (length < least_bytes(port))
			return -EINVAL;
		*reason = "a frame does not hold the timestamp or checksum to patch";
		if (!patch_fits(plan, length))
			return -EINVAL;
		/*
		 * Refused here and not by the kernel, which counts a stamp for some oversized frames and not for
		 * others.
		 */
		*reason = "a frame is larger than the port's MTU allows";
		if (length > most_bytes(port, plan->arena + offset))
			return -EMSGSIZE;
	}
	return 0;
}

static int check_schedule(const struct plan *plan, const char **reason)
{
	double previous = 0;

	for (uint32_t i = 0; i < plan->packet_count; i++) {
		*reason = "frameIndex names a frame that does not exist";
		if (plan->frame_index[i] >= plan->frame_count)
			return -EINVAL;
		*reason = "offsetNs must never decrease, begin at 0 or later and end before 1e15";
		/* Written so that NaN fails too. */
		if (!(plan->offset_ns[i] >= previous && plan->offset_ns[i] <= OFFSET_NS_MAX))
			return -EINVAL;
		previous = plan->offset_ns[i];
	}
	return 0;
}

int plan_check(const struct plan *plan, const struct port *port, const char **reason)
{
	*reason = "more packets than one run can hold (16,777,216)";
	if (plan->packet_count > PLAN_PACKETS_MAX)
		return -EINVAL;
	*reason = "timestampAt and checksumAt must be -1 or positions in a frame";
	if (plan->timestamp_at < -1 || plan->checksum_at < -1)
		return -EINVAL;
	*reason = "timestampAt and checksumAt must both be even or both be odd";
	if (plan->timestamp_at >= 0 && plan->checksum_at >= 0 && ((plan->timestamp_at ^ plan->checksum_at) & 1))
		return -EINVAL;

	int error = check_frames(plan, port, reason);
	return error ? error : check_schedule(plan, reason);
}

bool plan_is_light(const struct plan *plan)
{
	uint32_t gaps = plan->packet_count - 1;

	return plan->packet_count > 1 && plan->offset_ns[gaps] / gaps >= LIGHT_GAP_NS;
}

void plan_free(struct plan *plan)
{
	free(plan->arena);
	free(plan->frame_offset);
	free(plan->frame_length);
	free(plan->frame_index);
	free(plan->offset_ns);
	free(plan->stamp_flag);
	*plan = (struct plan){0};
}
