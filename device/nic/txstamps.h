// Transmit stamps: the kernel returns them on the sending socket's error queue, each with a running number.
#ifndef NIC_TXSTAMPS_H
#define NIC_TXSTAMPS_H

#include <stdbool.h>

struct run;

/* Whether the packets are far apart and all of the run's stamps can wait in the socket until it has ended. */
bool txstamps_can_wait(const struct run *run);

/*
 * Collect stamps until the run's other threads have ended and either every stamp came or a short wait for late ones is
 * over.
 */
void txstamps_collect(struct run *run);

#endif
