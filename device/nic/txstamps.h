// Transmit stamps: the kernel returns them on the sending socket's error queue, each with a running number.
#ifndef NIC_TXSTAMPS_H
#define NIC_TXSTAMPS_H

struct run;

/*
 * Collect stamps until the run's other threads have ended and either every stamp came or a short wait for late ones is
 * over.
 */
void txstamps_collect(struct run *run);

#endif
