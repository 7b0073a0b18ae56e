// The paced sending thread of a run.
#ifndef NIC_SENDER_H
#define NIC_SENDER_H

struct run;
struct sender;

/* -ENOMEM. */
int sender_open(struct sender **sender, struct run *run);

/*
 * Thread body, given a struct sender. Sets the run's base, sends its schedule, and fills status, user, late and
 * stamped.
 */
void *sender_main(void *sender);

void sender_close(struct sender *sender);

#endif
