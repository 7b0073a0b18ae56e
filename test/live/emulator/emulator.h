// Words that the files of the emulator share: frames, events in virtual time, and stages that frames pass one after the
// other.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_BYTES = 2048, FRAMES = 8192, MOST_STAGES = 16, NS_PER_SECOND = 1000000000 };

// Near to far, and back.
enum way { FORWARD, REVERSE, WAYS };

struct frame {
	struct frame *next; // in the list of free frames
	enum way way;
	size_t length;
	uint8_t bytes[FRAME_BYTES];
};

struct stage;

struct stage_kind {
	const char *name;
	// Takes the options that the kind knows; false where there is no such option or its value makes no sense.
	bool (*configure)(struct stage *stage, const char *key, double value, const char *word);
	// Takes the frame over at this instant: passes it on, keeps it, or drops it.
	void (*accept)(struct stage *stage, struct frame *frame, int64_t at_ns);
	// Only for kinds that ask to be woken.
	void (*wake)(struct stage *stage, int64_t at_ns);
};

struct stage {
	const struct stage_kind *kind;
	unsigned index;
	bool on[WAYS]; // whether frames of this way are touched
	void *state;
};

extern const struct stage_kind link_kind, bucket_kind, packets_kind, loss_kind, size_kind, wander_kind, copy_kind,
	medium_kind;

// Frames. Null when all are in use: the caller then drops.
struct frame *take_frame(void);
void drop_frame(struct frame *frame);

// Events: a frame that reaches a stage, or a stage that asked to be woken (frame null). Earliest first, in order of
// posting where instants are equal.
void post(int64_t at_ns, struct stage *stage, struct frame *frame);
bool take_event(int64_t until_ns, int64_t *at_ns, struct stage **stage, struct frame **frame);
int64_t next_event_ns(void); // INT64_MAX without any

// The stage after this one in the frame's direction; the port at the end of them.
void pass_on(struct stage *stage, struct frame *frame, int64_t at_ns);

// From a generator of its own, in [0, 1); and exponentially distributed with this mean.
double draw(void);
double draw_exponential(double mean);
void seed_draws(uint64_t seed);

// A null state is not returned: the program ends.
void *new_state(size_t bytes);
