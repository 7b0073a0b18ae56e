// Growing columns of received frames. Memory follows what was received, not what the ring might hold.
#include "ring.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

enum { ADDRESSES_BYTES = 12, VLAN_TAG_BYTES = 4 };

int ring_open(struct ring *ring, uint32_t limit)
{
	memset(ring, 0, sizeof *ring);
	ring->limit = limit;
	return column_grow(&ring->start, sizeof(uint32_t));
}

void ring_close(struct ring *ring)
{
	column_close(&ring->kernel);
	column_close(&ring->hardware);
	column_close(&ring->user);
	column_close(&ring->length);
	column_close(&ring->start);
	column_close(&ring->bytes);
}

static bool make_room(struct ring *ring, uint32_t bytes)
{
	size_t rows = (size_t)ring->count + 1;

	/* `start` holds 32-bit positions, which bounds the bytes of all frames together. */
	if (ring->count >= ring->limit || bytes > UINT32_MAX - ring->bytes_used)
		return false;
	return column_grow(&ring->kernel, rows * sizeof(int64_t)) == 0 &&
	       column_grow(&ring->hardware, rows * sizeof(int64_t)) == 0 &&
	       column_grow(&ring->user, rows * sizeof(int64_t)) == 0 &&
	       column_grow(&ring->length, rows * sizeof(uint32_t)) == 0 &&
	       column_grow(&ring->start, (rows + 1) * sizeof(uint32_t)) == 0 &&
	       column_grow(&ring->bytes, (size_t)ring->bytes_used + bytes) == 0;
}

static void copy_tagged(uint8_t *to, const struct received_frame *frame)
{
	uint32_t tag = htonl(frame->vlan_tag);

	memcpy(to, frame->bytes, ADDRESSES_BYTES);
	memcpy(to + ADDRESSES_BYTES, &tag, VLAN_TAG_BYTES);
	memcpy(to + ADDRESSES_BYTES + VLAN_TAG_BYTES, frame->bytes + ADDRESSES_BYTES,
		frame->kept_bytes - ADDRESSES_BYTES);
}

void ring_add(struct ring *ring, const struct received_frame *frame)
{
	bool tagged = frame->vlan_tag != 0 && frame->kept_bytes >= ADDRESSES_BYTES;
	uint32_t extra = tagged ? VLAN_TAG_BYTES : 0;
	uint32_t row = ring->count;

	if (!make_room(ring, frame->kept_bytes + extra)) {
		ring->overflows++;
		return;
	}
	uint8_t *to = (uint8_t *)ring->bytes.data + ring->bytes_used;
	if (tagged)
		copy_tagged(to, frame);
	else
		memcpy(to, frame->bytes, frame->kept_bytes);
	((int64_t *)ring->kernel.data)[row] = frame->kernel_ns;
	((int64_t *)ring->hardware.data)[row] = frame->hardware_ns;
	((int64_t *)ring->user.data)[row] = frame->user_ns;
	((uint32_t *)ring->length.data)[row] = frame->wire_bytes + extra;
	ring->bytes_used += frame->kept_bytes + extra;
	ring->count++;
	((uint32_t *)ring->start.data)[row + 1] = ring->bytes_used;
}
