// A store-and-forward link with a drop-tail queue, and other people's packets in it where asked for.
//   rate=BITS/S delay=S queue=BYTES overhead=BYTES (a frame takes them beside its own; 24 on the wire of Ethernet)
//   load=SHARE
#include "emulator.h"
#include <string.h>

enum { OTHER_BYTES = 1514 };

struct link {
	double rate, delay_s, queue, overhead, load;
	struct {
		int64_t free_ns, other_ns; // when all so far is sent; when the next packet of others comes
	} way[WAYS];
};

static bool configure(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL) {
		stage->state = new_state(sizeof(struct link));
		*(struct link *)stage->state = (struct link){.rate = 1e9, .queue = 250e3, .overhead = 24};
	}
	struct link *link = stage->state;
	double *known = strcmp(key, "rate") == 0       ? &link->rate
			: strcmp(key, "delay") == 0    ? &link->delay_s
			: strcmp(key, "queue") == 0    ? &link->queue
			: strcmp(key, "overhead") == 0 ? &link->overhead
			: strcmp(key, "load") == 0     ? &link->load
						       : NULL;
	if (known == NULL || value < 0 || (known == &link->rate && value == 0) || (known == &link->load && value >= 1))
		return false;
	*known = value;
	return true;
}

// Sends what comes at this instant; false where the queue is full.
static bool serve(struct link *link, enum way way, double bytes, int64_t at_ns)
{
	int64_t *free_ns = &link->way[way].free_ns;
	if (*free_ns < at_ns)
		*free_ns = at_ns;
	double waiting = (double)(*free_ns - at_ns) * link->rate / (8.0 * NS_PER_SECOND);
	if (waiting > link->queue)
		return false;
	*free_ns += (int64_t)((bytes + link->overhead) * 8 * NS_PER_SECOND / link->rate);
	return true;
}

static void play_others(struct link *link, enum way way, int64_t until_ns)
{
	double mean_ns = OTHER_BYTES * 8.0 * NS_PER_SECOND / (link->rate * link->load);
	int64_t *next_ns = &link->way[way].other_ns;
	// What came a second ago has left.
	if (*next_ns < until_ns - NS_PER_SECOND)
		*next_ns = until_ns - NS_PER_SECOND;
	// Ends: each turn goes on by a packet's gap.
	for (; *next_ns <= until_ns; *next_ns += (int64_t)draw_exponential(mean_ns))
		serve(link, way, OTHER_BYTES, *next_ns);
}

static void accept(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct link *link = stage->state;
	if (link->load > 0)
		play_others(link, frame->way, at_ns);
	if (!serve(link, frame->way, (double)frame->length, at_ns)) {
		drop_frame(frame);
		return;
	}
	pass_on(stage, frame, link->way[frame->way].free_ns + (int64_t)(link->delay_s * NS_PER_SECOND));
}

const struct stage_kind link_kind = {"link", configure, accept, NULL};
