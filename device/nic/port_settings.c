// Reads and writes single settings of a port by ethtool's ioctls. Which of them to change, and that they are restored,
// is decided elsewhere.
#include "port_settings.h"

#include <errno.h>
#include <limits.h>
#include <linux/ethtool.h>

#include "ethtool.h"

const char *const port_setting_names[SETTING_COUNT] = {
	[SETTING_GRO] = "gro",
	[SETTING_LRO] = "lro",
	[SETTING_GSO] = "gso",
	[SETTING_TSO] = "tso",
	[SETTING_RX_USECS] = "rxUsecs",
	[SETTING_RX_ADAPTIVE] = "rxAdaptive",
	[SETTING_EEE] = "eee",
};

/* Settings of one bit with a pair of commands of their own. */
static const struct {
	unsigned int get, set;
} SWITCHES[] = {
	[SETTING_GRO] = {ETHTOOL_GGRO, ETHTOOL_SGRO},
	[SETTING_GSO] = {ETHTOOL_GGSO, ETHTOOL_SGSO},
	[SETTING_TSO] = {ETHTOOL_GTSO, ETHTOOL_STSO},
	[SETTING_LRO] = {ETHTOOL_GFLAGS, ETHTOOL_SFLAGS},
};

static int read_switch(const char *port, enum port_setting setting, unsigned int *word)
{
	struct ethtool_value value = {.cmd = SWITCHES[setting].get};
	int error = ethtool_call(port, &value);

	*word = value.data;
	return error;
}

static int write_switch(const char *port, enum port_setting setting, int on)
{
	struct ethtool_value value = {.cmd = SWITCHES[setting].set, .data = on != 0};
	unsigned int word;
	int error;

	if (setting == SETTING_LRO) {
		/* One of several flags in a word: the others stay as they are. */
		error = read_switch(port, setting, &word);
		if (error)
			return error;
		value.data = on ? word | ETH_FLAG_LRO : word & ~(unsigned int)ETH_FLAG_LRO;
	}
	return ethtool_call(port, &value);
}

static int write_coalescing(const char *port, enum port_setting setting, int value)
{
	struct ethtool_coalesce coalesce = {.cmd = ETHTOOL_GCOALESCE};
	int error = ethtool_call(port, &coalesce);

	if (error)
		return error;
	coalesce.cmd = ETHTOOL_SCOALESCE;
	if (setting == SETTING_RX_USECS)
		coalesce.rx_coalesce_usecs = (unsigned int)value;
	else
		coalesce.use_adaptive_rx_coalesce = value != 0;
	return ethtool_call(port, &coalesce);
}

static int write_eee(const char *port, int on)
{
	struct ethtool_eee eee = {.cmd = ETHTOOL_GEEE};
	int error = ethtool_call(port, &eee);

	if (error)
		return error;
	eee.cmd = ETHTOOL_SEEE;
	eee.eee_enabled = on != 0;
	return ethtool_call(port, &eee);
}

static int bounded(unsigned int value)
{
	return value > INT_MAX ? INT_MAX : (int)value;
}

int port_setting_read(const char *port, enum port_setting setting)
{
	struct ethtool_coalesce coalesce = {.cmd = ETHTOOL_GCOALESCE};
	struct ethtool_eee eee = {.cmd = ETHTOOL_GEEE};
	unsigned int word;
	int error;

	switch (setting) {
	case SETTING_RX_USECS:
	case SETTING_RX_ADAPTIVE:
		error = ethtool_call(port, &coalesce);
		if (error)
			return error;
		return setting == SETTING_RX_USECS ? bounded(coalesce.rx_coalesce_usecs)
						   : coalesce.use_adaptive_rx_coalesce != 0;
	case SETTING_EEE:
		error = ethtool_call(port, &eee);
		return error ? error : eee.eee_enabled != 0;
	default:
		error = read_switch(port, setting, &word);
		if (error)
			return error;
		return setting == SETTING_LRO ? (word & ETH_FLAG_LRO) != 0 : word != 0;
	}
}

int port_setting_write(const char *port, enum port_setting setting, int value)
{
	if (value < 0)
		return -EINVAL;
	switch (setting) {
	case SETTING_RX_USECS:
	case SETTING_RX_ADAPTIVE:
		return write_coalescing(port, setting, value);
	case SETTING_EEE:
		return write_eee(port, value);
	default:
		return write_switch(port, setting, value);
	}
}
