// Link settings and timestamping abilities of a port. Reads only; never changes a setting of the NIC.
#include "link.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <string.h>

#include "ethtool.h"

int link_read_settings(const char *port, struct link_settings *settings)
{
	struct {
		struct ethtool_link_settings head;
		uint32_t maps[3 * LINK_MODE_WORDS_MAX];
	} command;
	int error, words;

	/* Asked with 0 words the kernel answers with minus its own count; the second call then carries that count. */
	memset(&command, 0, sizeof command);
	command.head.cmd = ETHTOOL_GLINKSETTINGS;
	error = ethtool_call(port, &command);
	if (error)
		return error;
	words = -command.head.link_mode_masks_nwords;
	if (words <= 0 || words > LINK_MODE_WORDS_MAX)
		return -EOPNOTSUPP;

	memset(&command, 0, sizeof command);
	command.head.cmd = ETHTOOL_GLINKSETTINGS;
	command.head.link_mode_masks_nwords = (int8_t)words;
	error = ethtool_call(port, &command);
	if (error)
		return error;

	settings->speed_mbps = command.head.speed == (uint32_t)SPEED_UNKNOWN ? -1 : (int32_t)command.head.speed;
	settings->duplex = command.head.duplex;
	settings->auto_negotiation = command.head.autoneg == AUTONEG_ENABLE;
	settings->mode_words = (uint32_t)words;
	memcpy(settings->supported, command.maps, 4 * (size_t)words);
	memcpy(settings->advertising, command.maps + words, 4 * (size_t)words);
	memcpy(settings->partner, command.maps + 2 * words, 4 * (size_t)words);
	return 0;
}

int link_read_timestamping(const char *port, struct timestamping_abilities *abilities)
{
	struct ethtool_ts_info info = {.cmd = ETHTOOL_GET_TS_INFO};
	int error = ethtool_call(port, &info);

	if (error)
		return error;
	abilities->capabilities = info.so_timestamping;
	abilities->phc_index = info.phc_index;
	abilities->tx_types = info.tx_types;
	abilities->rx_filters = info.rx_filters;
	return 0;
}
