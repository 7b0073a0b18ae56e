// What one run is asked to do. Owned by the run; nothing in it points into anybody else's memory.
#ifndef NIC_PLAN_H
#define NIC_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

enum tx_stamping { STAMP_ALL, STAMP_FLAGGED, STAMP_NONE };

enum { PLAN_PACKETS_MAX = 1 << 24 };

struct plan {
	uint8_t *arena;
	size_t arena_bytes;
	/* Each distinct frame. */
	uint32_t frame_count;
	uint32_t *frame_offset;
	uint32_t *frame_length;
	/* Each scheduled packet. */
	uint32_t packet_count;
	uint32_t *frame_index;
	double *offset_ns;
	uint8_t *stamp_flag; /* NULL unless STAMP_FLAGGED */
	enum tx_stamping tx_stamping;
	int32_t timestamp_at; /* -1: no patch */
	int32_t checksum_at;  /* -1: no checksum */
	int64_t linger_ns;
	int64_t grace_ns;
	int64_t quiet_ns; /* 0: silence does not end it */
	int64_t lead_ns;
	uint32_t expect_frames;
	bool real_time;
};

/* 0 if the plan can be run on the port. Else -EINVAL or -EMSGSIZE, and *reason says what is wrong. */
int plan_check(const struct plan *plan, const struct port *port, const char **reason);

/* Whether its packets are so far apart, on average, that nothing is lost by looking at what came now and then. */
bool plan_is_light(const struct plan *plan);

void plan_free(struct plan *plan);

#endif
