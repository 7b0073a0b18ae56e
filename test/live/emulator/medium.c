// A 10 or 100 Mb/s link between two stations, each of which believes that it runs full or half duplex. Half: CSMA/CD by
// clause 4 of IEEE 802.3 (deferral, 96 bit times between frames, jam of 32 bits, truncated binary exponential backoff
// over slots of 512 bit times, 16 attempts; a collision after the slot ends the frame). Full: sends over any carrier
// and hears all.
//   rate=BITS/S near=half|full far=half|full delay=S (one way) queue=BYTES
#include "emulator.h"
#include <string.h>

enum {
	PREAMBLE_AND_FCS_BYTES = 12,
	LEAST_FRAME_BYTES = 60, // without FCS; shorter ones are padded
	GAP_BITS = 96,
	JAM_BITS = 32,
	SLOT_BITS = 512,
	PREAMBLE_BITS = 64,
	ATTEMPTS = 16,
	BACKOFF_LIMIT = 10,
	QUEUE_FRAMES = 1024,
	SIGNALS = 64
};

// What one station put on the medium: it passes the other one `delay` later.
struct signal {
	int64_t begin_ns, end_ns;
	bool is_spoilt; // cut short, or met by a frame of the receiver
	struct frame *frame;
};

struct station {
	bool is_half;
	struct frame *queue[QUEUE_FRAMES];
	unsigned head, tail;
	double queued_bytes;
	bool is_sending;
	int attempts;
	int64_t ready_ns; // not before: gap after its own frame, or backoff
	struct signal signals[SIGNALS];
	unsigned first_signal, next_signal;
};

struct medium {
	double rate, delay_s, queue;
	struct station station[WAYS]; // by the way in which it sends
	int64_t woken_ns;	      // the earliest wake-up posted
};

static bool configure(struct stage *stage, const char *key, double value, const char *word)
{
	if (stage->state == NULL) {
		stage->state = new_state(sizeof(struct medium));
		struct medium *medium = stage->state;
		medium->rate = 100e6;
		medium->delay_s = 500e-9;
		medium->queue = 250e3;
		medium->woken_ns = INT64_MAX;
	}
	struct medium *medium = stage->state;
	enum way side = strcmp(key, "far") == 0 ? REVERSE : FORWARD;
	if (strcmp(key, "near") == 0 || strcmp(key, "far") == 0) {
		medium->station[side].is_half = strcmp(word, "half") == 0;
		return medium->station[side].is_half || strcmp(word, "full") == 0;
	}
	double *known = strcmp(key, "rate") == 0    ? &medium->rate
			: strcmp(key, "delay") == 0 ? &medium->delay_s
			: strcmp(key, "queue") == 0 ? &medium->queue
						    : NULL;
	if (known == NULL || value < 0 || (known == &medium->rate && value == 0))
		return false;
	*known = value;
	return true;
}

static int64_t bits_ns(const struct medium *medium, double bits)
{
	return (int64_t)(bits * NS_PER_SECOND / medium->rate);
}

static int64_t delay_ns(const struct medium *medium)
{
	return (int64_t)(medium->delay_s * NS_PER_SECOND);
}

static struct signal *own_signal(struct station *station)
{
	return &station->signals[(station->next_signal - 1) % SIGNALS];
}

// When the medium, as this station hears it, has been free for a gap: not before `from_ns`.
static int64_t free_from(const struct medium *medium, enum way way, int64_t from_ns)
{
	const struct station *other = &medium->station[1 - way];
	int64_t delay = delay_ns(medium);
	for (unsigned i = other->first_signal; i != other->next_signal; i++) {
		const struct signal *signal = &other->signals[i % SIGNALS];
		int64_t clear_ns = signal->end_ns + delay + bits_ns(medium, GAP_BITS);
		if (signal->begin_ns + delay <= from_ns && clear_ns > from_ns)
			from_ns = clear_ns;
	}
	return from_ns;
}

// When a half-duplex sender first hears the other one in its own frame; INT64_MAX where it does not.
static int64_t collision_ns(struct medium *medium, enum way way, struct signal **met)
{
	struct station *station = &medium->station[way], *other = &medium->station[1 - way];
	int64_t first_ns = INT64_MAX, delay = delay_ns(medium);
	if (!station->is_half || !station->is_sending)
		return first_ns;
	const struct signal *own = own_signal(station);
	for (unsigned i = other->first_signal; i != other->next_signal; i++) {
		struct signal *signal = &other->signals[i % SIGNALS];
		int64_t heard_ns = signal->begin_ns + delay > own->begin_ns ? signal->begin_ns + delay : own->begin_ns;
		if (heard_ns < own->end_ns && heard_ns < signal->end_ns + delay && heard_ns < first_ns) {
			first_ns = heard_ns;
			*met = signal;
		}
	}
	return first_ns;
}

static int64_t begin_ns(const struct medium *medium, enum way way)
{
	const struct station *station = &medium->station[way];
	if (station->is_sending || station->head == station->tail ||
		station->next_signal - station->first_signal == SIGNALS)
		return INT64_MAX;
	return station->is_half ? free_from(medium, way, station->ready_ns) : station->ready_ns;
}

static void begin(struct medium *medium, enum way way, int64_t at_ns)
{
	struct station *station = &medium->station[way];
	struct frame *frame = station->queue[station->head % QUEUE_FRAMES];
	double bytes = frame->length < LEAST_FRAME_BYTES ? LEAST_FRAME_BYTES : (double)frame->length;
	station->is_sending = true;
	station->signals[station->next_signal++ % SIGNALS] = (struct signal){.begin_ns = at_ns,
		.end_ns = at_ns + bits_ns(medium, 8 * (bytes + PREAMBLE_AND_FCS_BYTES)),
		.frame = frame};
}

static void leave_queue(struct station *station)
{
	station->queued_bytes -= (double)station->queue[station->head % QUEUE_FRAMES]->length;
	station->head++;
	station->attempts = 0;
}

static void collide(struct medium *medium, enum way way, int64_t at_ns, struct signal *met)
{
	struct station *station = &medium->station[way];
	struct signal *own = own_signal(station);
	met->is_spoilt = true;
	own->is_spoilt = true;
	bool is_late = at_ns - own->begin_ns > bits_ns(medium, SLOT_BITS);
	// A collision in the preamble lets it end before the jam.
	int64_t least_ns = own->begin_ns + bits_ns(medium, PREAMBLE_BITS);
	own->end_ns = (at_ns > least_ns ? at_ns : least_ns) + bits_ns(medium, JAM_BITS);
	station->is_sending = false;
	station->ready_ns = own->end_ns + bits_ns(medium, GAP_BITS);
	station->attempts++;
	if (is_late || station->attempts == ATTEMPTS) {
		leave_queue(station);
		return; // the frame is dropped when its signal has passed
	}
	own->frame = NULL; // it stays in the queue
	int exponent = station->attempts < BACKOFF_LIMIT ? station->attempts : BACKOFF_LIMIT;
	station->ready_ns += (int64_t)(draw() * (double)(1 << exponent)) * bits_ns(medium, SLOT_BITS);
}

static void end(struct medium *medium, enum way way, int64_t at_ns)
{
	struct station *station = &medium->station[way];
	station->is_sending = false;
	station->ready_ns = at_ns + bits_ns(medium, GAP_BITS);
	leave_queue(station);
}

// When the oldest signal of a station has passed the other one.
static int64_t passed_ns(const struct medium *medium, enum way way)
{
	const struct station *station = &medium->station[way];
	unsigned waiting = station->next_signal - station->first_signal;
	if (waiting == 0 || (waiting == 1 && station->is_sending))
		return INT64_MAX;
	return station->signals[station->first_signal % SIGNALS].end_ns + delay_ns(medium);
}

static void hand_over(struct stage *stage, enum way way, int64_t at_ns)
{
	struct medium *medium = stage->state;
	struct station *station = &medium->station[way];
	struct signal *signal = &station->signals[station->first_signal++ % SIGNALS];
	if (signal->frame == NULL)
		return;
	if (signal->is_spoilt)
		drop_frame(signal->frame);
	else
		pass_on(stage, signal->frame, at_ns);
}

enum happening { NOTHING, COLLISION, END, PASSED, BEGIN };

struct next {
	enum happening what;
	enum way way;
	int64_t at_ns;
	struct signal *met;
};

static void consider(struct next *next, enum happening what, enum way way, int64_t at_ns)
{
	if (at_ns < next->at_ns)
		*next = (struct next){.what = what, .way = way, .at_ns = at_ns, .met = next->met};
}

// At one instant what ends goes before what begins.
static struct next find_next(struct medium *medium)
{
	struct next next = {.what = NOTHING, .at_ns = INT64_MAX};
	for (enum way way = 0; way < WAYS; way++) {
		struct signal *met = NULL;
		int64_t at_ns = collision_ns(medium, way, &met);
		if (at_ns < next.at_ns)
			next = (struct next){.what = COLLISION, .way = way, .at_ns = at_ns, .met = met};
	}
	for (enum way way = 0; way < WAYS; way++)
		if (medium->station[way].is_sending)
			consider(&next, END, way, own_signal(&medium->station[way])->end_ns);
	for (enum way way = 0; way < WAYS; way++)
		consider(&next, PASSED, way, passed_ns(medium, way));
	for (enum way way = 0; way < WAYS; way++)
		consider(&next, BEGIN, way, begin_ns(medium, way));
	return next;
}

static void settle(struct stage *stage, int64_t now_ns)
{
	struct medium *medium = stage->state;
	// Ends: each turn lets one thing happen, and a frame has a bounded number of them.
	for (struct next next; next = find_next(medium), next.at_ns <= now_ns;) {
		switch (next.what) {
		case COLLISION:
			collide(medium, next.way, next.at_ns, next.met);
			break;
		case END:
			end(medium, next.way, next.at_ns);
			break;
		case PASSED:
			hand_over(stage, next.way, next.at_ns);
			break;
		case BEGIN:
			begin(medium, next.way, next.at_ns);
			break;
		case NOTHING:
			return;
		}
	}
	int64_t next_ns = find_next(medium).at_ns;
	if (next_ns < medium->woken_ns) {
		medium->woken_ns = next_ns;
		post(next_ns, stage, NULL);
	}
}

static void wake(struct stage *stage, int64_t at_ns)
{
	struct medium *medium = stage->state;
	if (at_ns >= medium->woken_ns)
		medium->woken_ns = INT64_MAX;
	settle(stage, at_ns);
}

static void accept(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct medium *medium = stage->state;
	struct station *station = &medium->station[frame->way];
	settle(stage, at_ns);
	if (station->tail - station->head == QUEUE_FRAMES || station->queued_bytes > medium->queue) {
		drop_frame(frame);
		return;
	}
	if (station->ready_ns < at_ns)
		station->ready_ns = at_ns;
	station->queue[station->tail++ % QUEUE_FRAMES] = frame;
	station->queued_bytes += (double)frame->length;
	settle(stage, at_ns);
}

const struct stage_kind medium_kind = {"medium", configure, accept, wake};
