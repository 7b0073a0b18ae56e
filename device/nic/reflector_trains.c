// From the weakest proof to the strongest: cookie, known run, bounds, quota, a free slot. Only then a thread is
// started.
#include "reflector_trains.h"

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Ethernet, IP and UDP headers. */
	INET_FRAME_BYTES = 14 + 20 + 8,
	INET6_FRAME_BYTES = 14 + 40 + 8,
	/* Code points from here on are kept for network control (RFC 4594). */
	FIRST_REFUSED_CLASS = 56 << 2,
	ECN_BITS = 3,
};

int trains_open(struct trains *trains, const struct trains_options *options)
{
	*trains = (struct trains){
		.enabled = options->enabled,
		.real_time = options->real_time,
		.secret = options->secret,
		.counters = options->counters,
	};
	return quota_open(&trains->quota, &options->quota);
}

void trains_close(struct trains *trains)
{
	for (int i = 0; i < TRAIN_SLOTS; i++)
		atomic_store(&trains->slots[i].stopping, true);
	for (int i = 0; i < TRAIN_SLOTS; i++)
		train_join(&trains->slots[i]);
	quota_close(&trains->quota);
}

static void count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static struct cookie_holder read_holder(const struct arrival *arrival)
{
	struct cookie_holder holder = {
		.source_port = arrival->source_port,
		.ssid = stamp_ssid(arrival->packet, arrival->length),
		.interface = arrival->link_local ? arrival->interface : 0,
	};

	memcpy(holder.source, arrival->source, 16);
	memcpy(holder.destination, arrival->destination, 16);
	return holder;
}

static bool is_within_bounds(const struct train_shape *shape)
{
	uint64_t packets = (uint64_t)shape->bursts * shape->packets;

	return shape->packet_bytes >= TRAIN_PACKET_MIN_BYTES && shape->packet_bytes <= TRAIN_PACKET_MOST_BYTES &&
	       packets >= 1 && packets <= TRAIN_MOST_PACKETS && shape->spread >= 1 &&
	       shape->traffic_class < FIRST_REFUSED_CLASS && (shape->traffic_class & ECN_BITS) == 0 &&
	       train_duration_ns(shape) <= TRAIN_MOST_NS;
}

static double frame_bytes(const struct train_shape *shape, int family)
{
	double each = shape->packet_bytes + (family == AF_INET6 ? INET6_FRAME_BYTES : INET_FRAME_BYTES);

	return each * shape->bursts * shape->packets;
}

static bool is_running(const struct train *train)
{
	return train->joinable && atomic_load(&train->status) == TRAIN_RUNNING;
}

/*
 * One processor stays free of trains with priority: spinning ones would stop everything else on the machine, for as
 * long as somebody asks for more of them.
 */
static bool has_room_for_priority(const struct trains *trains)
{
	long running = 0;

	for (int i = 0; i < TRAIN_SLOTS; i++)
		running += is_running(&trains->slots[i]) && trains->slots[i].real_time;
	return running + 1 < sysconf(_SC_NPROCESSORS_ONLN);
}

static struct train *find_free_slot(struct trains *trains)
{
	for (int i = 0; i < TRAIN_SLOTS; i++)
		if (!is_running(&trains->slots[i]))
			return &trains->slots[i];
	return NULL;
}

/* The train that a session had last; NULL if it had none or its slot has gone to another. */
static struct train *find_train(struct trains *trains, const struct session *session)
{
	const struct session_train *last = &session->train;

	if (!last->known || last->slot >= TRAIN_SLOTS || trains->slots[last->slot].generation != last->generation)
		return NULL;
	return &trains->slots[last->slot];
}

static enum train_status start(struct trains *trains, const struct train_asked *asked, struct session *session,
	const struct train_way *way, int64_t now_ns)
{
	double bytes = frame_bytes(&asked->shape, way->socket.family);
	struct train *train = find_train(trains, session);

	if (train && is_running(train))
		return TRAIN_BUSY;
	train = find_free_slot(trains);
	if (!train)
		return TRAIN_BUSY;
	if (!is_within_bounds(&asked->shape) || bytes > TRAIN_MOST_BYTES ||
		!quota_take(&trains->quota, way->arrival->source, bytes, now_ns))
		return TRAIN_OVER_LIMIT;
	train_join(train);
	train->generation++;
	train->run = asked->run;
	train->shape = asked->shape;
	train->real_time = trains->real_time && has_room_for_priority(trains);
	train->packets_counted = &trains->counters->packets;
	session->train = (struct session_train){
		.known = true,
		.run = asked->run,
		.slot = (uint32_t)(train - trains->slots),
		.generation = train->generation,
	};
	return train_start(train, way, now_ns) ? TRAIN_RUNNING : TRAIN_FAILED;
}

/* Runs of a session are numbered upwards, so that an old request, seen and sent again by somebody, starts nothing. */
static bool is_new_run(const struct session *session, uint32_t run)
{
	return !session->train.known || (int32_t)(run - session->train.run) > 0;
}

static struct train_answer report(const struct train *train, uint32_t run)
{
	if (!train || train->run != run)
		return (struct train_answer){.status = TRAIN_UNKNOWN};
	return (struct train_answer){
		.status = (enum train_status)atomic_load(&train->status),
		.handed_over = atomic_load(&train->handed_over),
	};
}

static struct train_answer act(struct trains *trains, const struct train_asked *asked, struct session *session,
	const struct train_way *way, int64_t now_ns)
{
	if (asked->operation == TRAIN_HELLO)
		return (struct train_answer){.status = TRAIN_COOKIE};
	if (asked->operation == TRAIN_RUN && is_new_run(session, asked->run)) {
		enum train_status status = start(trains, asked, session, way, now_ns);
		count(status == TRAIN_RUNNING ? &trains->counters->started : &trains->counters->refused);
		return (struct train_answer){.status = status};
	}
	if (asked->operation == TRAIN_STOP && is_new_run(session, asked->run)) {
		/* It overtook what would start the train: that must not start it any more. */
		session->train = (struct session_train){.known = true, .run = asked->run, .slot = TRAIN_SLOTS};
		return (struct train_answer){.status = TRAIN_UNKNOWN};
	}
	struct train *train = find_train(trains, session);
	if (train && train->run == asked->run) {
		if (asked->operation == TRAIN_STOP)
			atomic_store(&train->stopping, true);
		else
			atomic_store(&train->heard_mono_ns, now_ns);
	}
	return report(train, asked->run);
}

struct train_answer trains_answer(struct trains *trains, const struct train_asked *asked, struct session *session,
	const struct train_way *way, int64_t now_ns)
{
	struct cookie_holder holder = read_holder(way->arrival);
	struct train_answer answer = {.status = TRAIN_COOKIE};

	if (!trains->enabled)
		return (struct train_answer){0};
	if (cookie_is_valid(&trains->secret, &holder, now_ns, asked->cookie))
		answer = act(trains, asked, session, way, now_ns);
	answer.cookie = cookie_make(&trains->secret, &holder, now_ns);
	answer.known = true;
	return answer;
}
