// The emulator's frames, its heap of events and its random numbers.
#include "emulator.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVENTS = 4 * FRAMES };

struct event {
	int64_t at_ns;
	uint64_t order;
	struct stage *stage;
	struct frame *frame;
};

static struct frame frames[FRAMES];
static struct frame *unused_frames;
static bool frames_are_linked;
static struct event heap[EVENTS];
static size_t heap_length;
static uint64_t posted;
static uint64_t random_state;

struct frame *take_frame(void)
{
	for (size_t i = 0; !frames_are_linked && i < FRAMES; i++) {
		frames[i].next = unused_frames;
		unused_frames = &frames[i];
	}
	frames_are_linked = true;
	struct frame *frame = unused_frames;
	if (frame != NULL)
		unused_frames = frame->next;
	return frame;
}

void drop_frame(struct frame *frame)
{
	frame->next = unused_frames;
	unused_frames = frame;
}

static bool is_earlier(const struct event *a, const struct event *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

void post(int64_t at_ns, struct stage *stage, struct frame *frame)
{
	if (heap_length == EVENTS) {
		fprintf(stderr, "path-emulator: more events than it has room for\n");
		exit(1);
	}
	struct event event = {at_ns, posted++, stage, frame};
	size_t place = heap_length++;
	for (; place > 0 && is_earlier(&event, &heap[(place - 1) / 2]); place = (place - 1) / 2)
		heap[place] = heap[(place - 1) / 2];
	heap[place] = event;
}

int64_t next_event_ns(void)
{
	return heap_length == 0 ? INT64_MAX : heap[0].at_ns;
}

bool take_event(int64_t until_ns, int64_t *at_ns, struct stage **stage, struct frame **frame)
{
	if (next_event_ns() > until_ns)
		return false;
	*at_ns = heap[0].at_ns;
	*stage = heap[0].stage;
	*frame = heap[0].frame;
	struct event last = heap[--heap_length];
	size_t place = 0;
	// Ends at a leaf, or where both children are later.
	for (;;) {
		size_t child = 2 * place + 1;
		if (child >= heap_length)
			break;
		if (child + 1 < heap_length && is_earlier(&heap[child + 1], &heap[child]))
			child++;
		if (!is_earlier(&heap[child], &last))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = last;
	return true;
}

void seed_draws(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15U + 1;
}

// xorshift64* (Vigna 2016).
double draw(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double)(random_state * 0x2545f4914f6cdd1dU >> 11) * 0x1p-53;
}

double draw_exponential(double mean)
{
	return -mean * log(1 - draw());
}

void *new_state(size_t bytes)
{
	void *state = calloc(1, bytes);
	if (state == NULL)
		abort();
	return state;
}
