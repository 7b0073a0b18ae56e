#include "clock_discipline.h"

#include <errno.h>
#include <sys/timex.h>

/* The kernel counts frequency in ppm with 16 bits behind the point. */
#define FREQUENCY_ONE_PPM 65536.0

int clock_discipline_read(struct clock_discipline *discipline)
{
	struct timex timex = {.modes = 0};

	if (adjtimex(&timex) < 0)
		return -errno;
	*discipline = (struct clock_discipline){
		.synchronized = !(timex.status & STA_UNSYNC),
		.offset_ns = (double)timex.offset * (timex.status & STA_NANO ? 1 : 1000),
		.max_error_ns = (double)timex.maxerror * 1000,
		.est_error_ns = (double)timex.esterror * 1000,
		.frequency_ppm = (double)timex.freq / FREQUENCY_ONE_PPM,
	};
	return 0;
}
