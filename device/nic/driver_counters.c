// Reads the counters that a driver has under names of its own. The kernel writes as many as the driver has, whatever
// was asked, so the count is asked first and again.
#include "driver_counters.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <stdlib.h>
#include <string.h>

#include "ethtool.h"

/* More than any driver has; a NIC with hundreds of queues has some thousands. */
enum { COUNTERS_MOST = 65536, SPARE_COUNTERS = 64 };

_Static_assert(ETH_GSTRING_LEN == DRIVER_COUNTER_NAME_BYTES, "names are as long as the kernel's");

static int count_counters(const char *port)
{
	struct {
		struct ethtool_sset_info head;
		uint32_t count;
	} command = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS}};
	int error = ethtool_call(port, &command);

	if (error)
		return error;
	if (command.head.sset_mask == 0 || command.count == 0)
		return -EOPNOTSUPP;
	return command.count > COUNTERS_MOST ? -E2BIG : (int)command.count;
}

int driver_counters_read_names(const char *port, struct driver_counter_names *names)
{
	int count = count_counters(port);

	if (count < 0)
		return count;
	/* A driver that is told to use more queues meanwhile has more counters: room for some. */
	size_t bytes = ((size_t)count + SPARE_COUNTERS) * ETH_GSTRING_LEN;
	struct ethtool_gstrings *command = calloc(1, sizeof *command + bytes);
	if (!command)
		return -ENOMEM;
	command->cmd = ETHTOOL_GSTRINGS;
	command->string_set = ETH_SS_STATS;
	command->len = (uint32_t)count;
	int error = ethtool_call(port, command);
	if (!error && command->len > (uint32_t)count)
		error = -EAGAIN;
	names->count = error ? 0 : command->len;
	names->name = error ? NULL : malloc(bytes);
	if (!error && !names->name)
		error = -ENOMEM;
	if (!error)
		memcpy(names->name, command->data, (size_t)names->count * ETH_GSTRING_LEN);
	free(command);
	return error;
}

int driver_counters_read(const char *port, uint64_t *values, uint32_t room)
{
	int count = count_counters(port);

	if (count < 0)
		return count;
	if ((uint32_t)count > room)
		return -EAGAIN;
	struct ethtool_stats *command =
		calloc(1, sizeof *command + ((size_t)count + SPARE_COUNTERS) * sizeof(uint64_t));
	if (!command)
		return -ENOMEM;
	command->cmd = ETHTOOL_GSTATS;
	command->n_stats = (uint32_t)count;
	int error = ethtool_call(port, command);
	if (!error && command->n_stats > (uint32_t)count)
		error = -EAGAIN;
	if (!error)
		memcpy(values, command->data, command->n_stats * sizeof(uint64_t));
	count = (int)command->n_stats;
	free(command);
	return error ? error : count;
}
