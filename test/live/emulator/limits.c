// Limits that are not a link's: a token bucket that drops or holds back, and a machine that takes its time for each
// packet.
//   bucket rate=BITS/S burst=BYTES queue=BYTES (0: drops what finds no tokens)
//   packets rate=PACKETS/S queue=PACKETS
#include "emulator.h"
#include <string.h>

struct bucket {
	double rate, burst, queue;
	struct {
		double tokens; // bytes; below 0: promised to what is held back
		int64_t at_ns;
	} way[WAYS];
};

static bool configure_bucket(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL) {
		stage->state = new_state(sizeof(struct bucket));
		*(struct bucket *)stage->state = (struct bucket){.rate = 10e6, .burst = 32e3};
	}
	struct bucket *bucket = stage->state;
	double *known = strcmp(key, "rate") == 0    ? &bucket->rate
			: strcmp(key, "burst") == 0 ? &bucket->burst
			: strcmp(key, "queue") == 0 ? &bucket->queue
						    : NULL;
	if (known == NULL || value < 0 || (known == &bucket->rate && value == 0))
		return false;
	*known = value;
	return true;
}

static void accept_at_bucket(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct bucket *bucket = stage->state;
	double *tokens = &bucket->way[frame->way].tokens;
	double bytes_per_ns = bucket->rate / (8.0 * NS_PER_SECOND);
	int64_t *last_ns = &bucket->way[frame->way].at_ns;
	*tokens = *last_ns == 0 ? bucket->burst : *tokens + (double)(at_ns - *last_ns) * bytes_per_ns;
	if (*tokens > bucket->burst)
		*tokens = bucket->burst;
	*last_ns = at_ns;
	double lacking = (double)frame->length - *tokens;
	if (lacking > bucket->queue) {
		drop_frame(frame);
		return;
	}
	*tokens -= (double)frame->length;
	pass_on(stage, frame, lacking > 0 ? at_ns + (int64_t)(lacking / bytes_per_ns) : at_ns);
}

const struct stage_kind bucket_kind = {"bucket", configure_bucket, accept_at_bucket, NULL};

struct packets {
	double rate, queue;
	int64_t free_ns[WAYS];
};

static bool configure_packets(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL) {
		stage->state = new_state(sizeof(struct packets));
		*(struct packets *)stage->state = (struct packets){.rate = 1000, .queue = 30};
	}
	struct packets *packets = stage->state;
	double *known = strcmp(key, "rate") == 0 ? &packets->rate : strcmp(key, "queue") == 0 ? &packets->queue : NULL;
	if (known == NULL || value < 0 || (known == &packets->rate && value == 0))
		return false;
	*known = value;
	return true;
}

static void accept_at_machine(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct packets *packets = stage->state;
	int64_t *free_ns = &packets->free_ns[frame->way];
	double turn_ns = NS_PER_SECOND / packets->rate;
	if (*free_ns < at_ns)
		*free_ns = at_ns;
	if ((double)(*free_ns - at_ns) > packets->queue * turn_ns) {
		drop_frame(frame);
		return;
	}
	*free_ns += (int64_t)turn_ns;
	pass_on(stage, frame, *free_ns);
}

const struct stage_kind packets_kind = {"packets", configure_packets, accept_at_machine, NULL};
