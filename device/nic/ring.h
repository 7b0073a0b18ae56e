// The frames received in one run, in columns. What does not fit any more is counted, never overwritten.
#ifndef NIC_RING_H
#define NIC_RING_H

#include <stdint.h>

#include "column.h"

/* One frame as the kernel gave it. Instants are ns on their own clock, 0 for none. */
struct received_frame {
	int64_t kernel_ns;
	int64_t hardware_ns;
	int64_t user_ns;
	uint32_t wire_bytes;
	uint32_t kept_bytes;
	const uint8_t *bytes;
	uint32_t vlan_tag; /* TPID << 16 | TCI to put back behind the addresses, 0 for none */
};

struct ring {
	uint32_t limit;
	uint32_t count;
	uint32_t bytes_used;
	uint64_t overflows;
	struct column kernel;	/* int64_t */
	struct column hardware; /* int64_t */
	struct column user;	/* int64_t */
	struct column length;	/* uint32_t */
	struct column start;	/* uint32_t, count + 1 entries */
	struct column bytes;
};

/* -ENOMEM. */
int ring_open(struct ring *ring, uint32_t limit);

/* Keep a frame, or count it as an overflow when the ring is full or memory is. */
void ring_add(struct ring *ring, const struct received_frame *frame);

void ring_close(struct ring *ring);

#endif
