// How well the wall clock follows an outside source, as the kernel's own discipline tells (adjtimex(2)). Changes
// nothing.
#ifndef NIC_CLOCK_DISCIPLINE_H
#define NIC_CLOCK_DISCIPLINE_H

#include <stdbool.h>

struct clock_discipline {
	bool synchronized;   /* some service keeps the clock, and its error is bounded */
	double offset_ns;    /* still to be slewed away */
	double max_error_ns; /* the service's bound; grows by 500 us a second between its updates */
	double est_error_ns;
	double frequency_ppm; /* the correction of the oscillator */
};

/* 0, or a negative errno (EPERM where a filter of system calls forbids it). */
int clock_discipline_read(struct clock_discipline *discipline);

#endif
