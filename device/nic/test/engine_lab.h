// A laboratory for the engine's tests: a network namespace of their own, a veth pair in it, and plans made of numbered
// frames.
#ifndef NIC_TEST_ENGINE_LAB_H
#define NIC_TEST_ENGINE_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "port.h"
#include "run.h"

#define EXPECT(condition) lab_expect((condition), #condition, __FILE__, __LINE__)

enum { LAB_ETHERTYPE = 0x88b5, LAB_NUMBER_AT = 14 };

void lab_expect(bool truth, const char *what, const char *file, int line);

/* How many expectations failed so far. */
int lab_failures(void);

/* Move this process into a new network namespace with the pair va - vb, up. False where that is not allowed. */
bool lab_enter(void);

/* Run a shell command that must succeed. */
void lab_command(const char *command);

/* Open a port that keeps frames of LAB_ETHERTYPE, 1600 bytes of each. */
void lab_open(struct port *port, const char *name, uint32_t ring_frames);

/* Frames of `bytes`, each with its number behind the Ethernet header, `gap_ns` apart, all stamped; 100 ms of linger. */
struct plan lab_plan(uint32_t count, uint32_t bytes, double gap_ns);

/* A plan that only receives: until `expect` frames came, or for 2 s. */
struct plan lab_listen(uint32_t expect);

/* Check the plan, start it, and return without waiting. */
struct run *lab_start(struct port *port, struct plan plan);

/* Whether each run that was started has called its `done` exactly once. */
bool lab_all_ended(void);

struct lab_transfer {
	struct run *sent;
	struct run *received;
};

/* Run the plan on `from` while `to` listens for `expect` frames. */
struct lab_transfer lab_transfer(struct port *from, struct port *to, struct plan plan, uint32_t expect);
void lab_transfer_free(struct lab_transfer *transfer);

/* The number in received frame `row`. */
uint32_t lab_number(const struct run *run, uint32_t row);

#endif
