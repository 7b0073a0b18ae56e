// A path with faults in user space: a TAP port named "em0" in each of two network namespaces, and stages that every
// frame between them passes, forward in the order given, back in the opposite one. Usage: path-emulator NEAR_NAMESPACE
// FAR_NAMESPACE SEED STAGE... A stage is one word list: KIND [key=value...] [way=forward|reverse]; the kinds stand in
// link.c, limits.c, medium.c and frame-faults.c. Numbers may end in k, M, G, m or u. Prints "ready", carries frames
// until it is told to end, and then says how many of them it delivered late.
//
// What becomes of a frame is computed in virtual time, from the instants at which frames left by the kernel's stamps
// and not from when this program got to them. It runs BEHIND_NS behind the real time: each frame takes so much longer,
// and nothing is decided before all frames that left earlier are known. Only deliveries can be late.
#include "emulator.h"
#include "stamped-port.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

enum {
	SPIN_NS = 50000,
	BEHIND_NS = 50000,
	LATE_NS = 20000,
	LONGEST_WAIT_NS = 100000000,
	PRIORITY = 1, // below that of reflectors, which a spinning path must not hold up
	EXIT_USAGE = 64
};

static const struct stage_kind *const KINDS[] = {
	&link_kind, &bucket_kind, &packets_kind, &loss_kind, &size_kind, &wander_kind, &copy_kind, &medium_kind};

static struct stage stages[MOST_STAGES];
static unsigned stage_count;
static struct port ports[WAYS]; // by the way of the frames that come in there
static struct stage end_stage;	// where frames leave
static volatile sig_atomic_t is_told_to_end;

static struct {
	unsigned long frames, late;
	int64_t worst_ns;
} delivered;

static void fail(const char *what, const char *word)
{
	fprintf(stderr, "path-emulator: %s \"%s\"\n", what, word);
	exit(EXIT_USAGE);
}

static double read_number(const char *text, bool *is_number)
{
	static const char suffixes[] = "kMGmu";
	static const double factors[] = {1e3, 1e6, 1e9, 1e-3, 1e-6};
	char *rest;
	double value = strtod(text, &rest);
	*is_number = rest != text;
	const char *suffix = *rest == '\0' ? NULL : strchr(suffixes, *rest);
	return suffix == NULL ? value : value * factors[suffix - suffixes];
}

static void configure(struct stage *stage, char *option)
{
	char *value = strchr(option, '=');
	if (value == NULL)
		fail("a stage's options look like key=value, not", option);
	*value++ = '\0';
	if (strcmp(option, "way") == 0) {
		stage->on[FORWARD] = strcmp(value, "forward") == 0;
		stage->on[REVERSE] = strcmp(value, "reverse") == 0;
		return;
	}
	bool is_number;
	double number = read_number(value, &is_number);
	if (!stage->kind->configure(stage, option, is_number ? number : -1, value))
		fail("no such option or value:", option);
}

static void add_stage(char *words)
{
	if (stage_count == MOST_STAGES)
		fail("too many stages:", words);
	struct stage *stage = &stages[stage_count];
	*stage = (struct stage){.index = stage_count++, .on = {true, true}};
	char *rest = NULL;
	char *name = strtok_r(words, " ", &rest);
	for (size_t i = 0; name != NULL && i < sizeof KINDS / sizeof *KINDS; i++)
		if (strcmp(KINDS[i]->name, name) == 0)
			stage->kind = KINDS[i];
	if (stage->kind == NULL)
		fail("no stage of this kind:", name == NULL ? "" : name);
	for (char *option; (option = strtok_r(NULL, " ", &rest)) != NULL;)
		configure(stage, option);
	if (stage->state == NULL)
		fail("a stage without any option:", name);
}

void pass_on(struct stage *stage, struct frame *frame, int64_t at_ns)
{
	int step = frame->way == FORWARD ? 1 : -1;
	int index = (int)stage->index + step;
	// Ends at the last stage of this direction.
	while (index >= 0 && index < (int)stage_count && !stages[index].on[frame->way])
		index += step;
	post(at_ns, index < 0 || index == (int)stage_count ? &end_stage : &stages[index], frame);
}

// All frames that left.
static void take_frames(enum way way)
{
	struct stage before = {.index = way == FORWARD ? (unsigned)-1 : stage_count};
	empty_queue(&ports[way]);
	// Ends where none is left: nobody sends faster than frames are taken. One that stayed would wait for the next.
	for (struct frame *frame; (frame = take_frame()) != NULL;) {
		int64_t sent_ns;
		ssize_t length = take_sent(&ports[way], frame->bytes, FRAME_BYTES, &sent_ns);
		if (length <= 0) {
			drop_frame(frame);
			return;
		}
		frame->way = way;
		frame->length = (size_t)length;
		pass_on(&before, frame, sent_ns);
	}
}

static void deliver(struct frame *frame, int64_t at_ns)
{
	int64_t late_ns = now_ns() - BEHIND_NS - at_ns;
	bool is_taken = put_received(&ports[1 - frame->way], frame->bytes, frame->length);
	drop_frame(frame);
	if (!is_taken)
		return;
	delivered.frames++;
	delivered.late += late_ns > LATE_NS;
	if (late_ns > delivered.worst_ns)
		delivered.worst_ns = late_ns;
}

static void settle(int64_t until_ns)
{
	int64_t at_ns;
	struct stage *stage;
	struct frame *frame;
	// Ends: what an event posts for the same instant is a stage further on.
	while (take_event(until_ns, &at_ns, &stage, &frame)) {
		if (frame == NULL)
			stage->kind->wake(stage, at_ns);
		else if (stage == &end_stage)
			deliver(frame, at_ns);
		else
			stage->kind->accept(stage, frame, at_ns);
	}
}

static void wait_for_work(void)
{
	int64_t next_ns = next_event_ns();
	int64_t left_ns = next_ns == INT64_MAX ? LONGEST_WAIT_NS : next_ns + BEHIND_NS - SPIN_NS - now_ns();
	if (left_ns <= 0)
		return;
	if (left_ns > LONGEST_WAIT_NS)
		left_ns = LONGEST_WAIT_NS;
	struct timespec wait = {.tv_nsec = left_ns};
	struct pollfd polled[WAYS] = {
		{.fd = ports[FORWARD].tap, .events = POLLIN}, {.fd = ports[REVERSE].tap, .events = POLLIN}};
	if (ppoll(polled, WAYS, &wait, NULL) < 0 && errno != EINTR) {
		perror("path-emulator: ppoll");
		exit(1);
	}
}

static void tell_to_end(int number)
{
	(void)number;
	is_told_to_end = 1;
}

// A path does not wait for other programs of the machine; without the right to this it does.
static void take_precedence(void)
{
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = PRIORITY});
	mlockall(MCL_CURRENT | MCL_FUTURE);
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: path-emulator NEAR_NAMESPACE FAR_NAMESPACE SEED STAGE...\n");
		return EXIT_USAGE;
	}
	seed_draws(strtoull(argv[3], NULL, 10));
	for (int i = 4; i < argc; i++)
		add_stage(argv[i]);
	for (enum way way = 0; way < WAYS; way++)
		ports[way] = open_stamped_port(argv[1 + way], "em0");
	signal(SIGTERM, tell_to_end);
	take_precedence();
	printf("ready\n");
	fflush(stdout);
	while (!is_told_to_end) {
		wait_for_work();
		int64_t real_ns = now_ns();
		for (enum way way = 0; way < WAYS; way++)
			take_frames(way);
		settle(real_ns - BEHIND_NS);
	}
	printf("{\"delivered\": %lu, \"late\": %lu, \"worstNs\": %lld}\n", delivered.frames, delivered.late,
		(long long)delivered.worst_ns);
	return 0;
}
