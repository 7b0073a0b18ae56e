// What happens to single frames: lost, too long, late or doubled. None of it depends on the load.
//   loss ratio=SHARE run=PACKETS (mean length of a run of losses; 1: independent) errors=SHARE (of bits, by the frame's
//   length) size most=BYTES (IP packet; larger ones vanish without a word) wander mean=S (exponential; order kept)
//   detour=SHARE by=S (these are overtaken) copy ratio=SHARE
#include "emulator.h"
#include <math.h>
#include <string.h>

enum { ETHERNET_HEADER_BYTES = 14, FCS_BYTES = 4 };

struct loss {
	double ratio, run, errors;
	bool is_bad[WAYS];
};

static bool configure_loss(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL) {
		stage->state = new_state(sizeof(struct loss));
		((struct loss *)stage->state)->run = 1;
	}
	struct loss *loss = stage->state;
	double *known = strcmp(key, "ratio") == 0    ? &loss->ratio
			: strcmp(key, "run") == 0    ? &loss->run
			: strcmp(key, "errors") == 0 ? &loss->errors
						     : NULL;
	if (known == NULL || value < 0 || (known == &loss->run && value < 1) || (known != &loss->run && value > 1))
		return false;
	*known = value;
	return true;
}

// Gilbert 1960: all is lost in the bad state, nothing in the good one.
static bool is_lost(struct loss *loss, const struct frame *frame)
{
	if (draw() >= pow(1 - loss->errors, 8.0 * ((double)frame->length + FCS_BYTES)))
		return true;
	if (loss->run == 1)
		return draw() < loss->ratio;
	bool *is_bad = &loss->is_bad[frame->way];
	double leave_bad = 1 / loss->run, leave_good = loss->ratio * leave_bad / (1 - loss->ratio);
	*is_bad = *is_bad ? draw() >= leave_bad : draw() < leave_good;
	return *is_bad;
}

static void accept_loss(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	if (is_lost(stage->state, frame))
		drop_frame(frame);
	else
		pass_on(stage, frame, at_ns);
}

const struct stage_kind loss_kind = {"loss", configure_loss, accept_loss, NULL};

static bool configure_size(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL)
		stage->state = new_state(sizeof(double));
	if (strcmp(key, "most") != 0 || value < 1)
		return false;
	*(double *)stage->state = value;
	return true;
}

static void accept_size(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	if ((double)frame->length - ETHERNET_HEADER_BYTES > *(double *)stage->state)
		drop_frame(frame);
	else
		pass_on(stage, frame, at_ns);
}

const struct stage_kind size_kind = {"size", configure_size, accept_size, NULL};

struct wander {
	double mean_s, detour, by_s;
	int64_t last_ns[WAYS];
};

static bool configure_wander(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL)
		stage->state = new_state(sizeof(struct wander));
	struct wander *wander = stage->state;
	double *known = strcmp(key, "mean") == 0     ? &wander->mean_s
			: strcmp(key, "detour") == 0 ? &wander->detour
			: strcmp(key, "by") == 0     ? &wander->by_s
						     : NULL;
	if (known == NULL || value < 0)
		return false;
	*known = value;
	return true;
}

static void accept_wander(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct wander *wander = stage->state;
	int64_t *last_ns = &wander->last_ns[frame->way];
	int64_t out_ns = at_ns + (int64_t)(wander->mean_s > 0 ? draw_exponential(wander->mean_s * NS_PER_SECOND) : 0);
	if (out_ns < *last_ns)
		out_ns = *last_ns;
	*last_ns = out_ns;
	pass_on(stage, frame, draw() < wander->detour ? out_ns + (int64_t)(wander->by_s * NS_PER_SECOND) : out_ns);
}

const struct stage_kind wander_kind = {"wander", configure_wander, accept_wander, NULL};

static bool configure_copy(struct stage *stage, const char *key, double value, const char *word)
{
	(void)word;
	if (stage->state == NULL)
		stage->state = new_state(sizeof(double));
	if (strcmp(key, "ratio") != 0 || value < 0 || value > 1)
		return false;
	*(double *)stage->state = value;
	return true;
}

static void accept_copy(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	struct frame *copy = draw() < *(double *)stage->state ? take_frame() : NULL;
	if (copy != NULL)
		*copy = *frame;
	pass_on(stage, frame, at_ns);
	if (copy != NULL)
		pass_on(stage, copy, at_ns);
}

const struct stage_kind copy_kind = {"copy", configure_copy, accept_copy, NULL};
