// The receiving thread of a run.
#ifndef NIC_RECEIVER_H
#define NIC_RECEIVER_H

struct run;
struct receiver;

/* -ENOMEM. */
int receiver_open(struct receiver **receiver, struct run *run);

/*
 * Thread body, given a struct receiver. Fills the run's ring until its linger is over, it is canceled or the port is
 * gone.
 */
void *receiver_main(void *receiver);

void receiver_close(struct receiver *receiver);

#endif
