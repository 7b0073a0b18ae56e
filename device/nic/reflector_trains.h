// Trains of the reflector's own packets: who may have one, how large, how many at once, and their end.
// A train needs the cookie, a quota, and a sender that goes on asking for it. Time is an argument.
#ifndef NIC_REFLECTOR_TRAINS_H
#define NIC_REFLECTOR_TRAINS_H

#include "reflector_cookie.h"
#include "reflector_quota.h"
#include "reflector_session.h"
#include "reflector_train.h"

enum {
	/* Trains under way at a time. */
	TRAIN_SLOTS = 4,
	TRAIN_MOST_PACKETS = 1000000,
	/* UDP payload of one packet: jumbo frames. */
	TRAIN_PACKET_MOST_BYTES = 9188,
};

/* Of one train: octets of Ethernet frames, and time. */
#define TRAIN_MOST_BYTES 256e6
#define TRAIN_MOST_NS 30e9

struct train_counters {
	_Atomic uint64_t started;
	/* For want of a quota or a slot, or larger than any may be. */
	_Atomic uint64_t refused;
	_Atomic uint64_t packets;
};

struct trains_options {
	bool enabled;
	bool real_time;
	/* Of octets of Ethernet frames. */
	struct quota_options quota;
	struct siphash_key secret;
	struct train_counters *counters;
};

struct trains {
	bool enabled;
	bool real_time;
	struct siphash_key secret;
	struct quota quota;
	struct train slots[TRAIN_SLOTS];
	struct train_counters *counters;
};

/* 0 or -ENOMEM; the struct may be closed in both cases. */
int trains_open(struct trains *trains, const struct trains_options *options);
/* Ends all trains and waits for them. */
void trains_close(struct trains *trains);

/*
 * What becomes of a request that arrived in a packet of `session`. May start a train or stop one; `way` is how its
 * packets are to leave.
 */
struct train_answer trains_answer(struct trains *trains, const struct train_asked *asked, struct session *session,
	const struct train_way *way, int64_t now_ns);

#endif
