// What the reflector remembers of each session, and which reply each transmit stamp belongs to. No clock, no socket.
#ifndef NIC_REFLECTOR_SESSION_H
#define NIC_REFLECTOR_SESSION_H

#include "reflector_table.h"
#include "stamp_reply.h"

/* The last train that was started for a session, and where it is or was. */
struct session_train {
	bool known;
	uint32_t run;
	uint32_t slot;
	uint32_t generation;
};

struct session {
	/* Changes when the slot gets a new session, so that a late stamp of the old one is told apart. */
	uint32_t generation;
	/*
	 * Packets of this session that were taken in, and replies given out; the next reply's sequence number is
	 * `sent`.
	 */
	uint32_t received;
	uint32_t sent;
	struct stamp_follow_up follow_up;
	struct session_train train;
};

struct session_set {
	struct table table;
	struct session *sessions;
	uint64_t evicted;
};

int session_set_open(struct session_set *set, uint32_t capacity, uint64_t seed);
void session_set_close(struct session_set *set);

/* The session of `key`, begun anew where it is not known. */
struct session *session_use(struct session_set *set, const struct table_key *key);

enum { STAMPS_PENDING = 1024 };

/* Replies of one socket whose transmit stamp was asked for, under the number the kernel counts them with. */
struct stamp_ledger {
	struct stamp_claim {
		bool open;
		uint32_t id;
		uint32_t slot;
		uint32_t generation;
		uint32_t sequence;
		int64_t handed_over_ns;
	} claims[STAMPS_PENDING];
	uint32_t next_id;
};

/*
 * Enters the reply that `session` just gave at `handed_over_ns`; an unanswered claim 1024 replies older is forgotten.
 */
void ledger_enter(struct stamp_ledger *ledger, const struct session_set *set, const struct session *session,
	int64_t handed_over_ns);

/*
 * Gives the stamp to the session it belongs to, if that still exists and knows no newer one. A stamp from before its
 * packet was handed over belongs to an earlier count and is dropped.
 */
void ledger_settle(struct stamp_ledger *ledger, struct session_set *set, uint32_t id, int64_t sent_ns);

/* Forgets all claims; the kernel counts from 0 again. */
void ledger_clear(struct stamp_ledger *ledger);

#endif
