// What the kernel and drivers tell of a port: the parsers on made and on random messages, the questions on a real pair,
// and the listener. Drivers that count errors are not to be had here: their answers are made.
#include <errno.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver_counters.h"
#include "engine_lab.h"
#include "ethtool_netlink.h"
#include "link_attributes.h"
#include "listener.h"
#include "netlink.h"
#include "queue_kinds.h"

enum { SOME_FAMILY = 20, VLAN_TAG = 0x81000005 };

static void add_counter(struct netlink_request *message, uint16_t type, uint64_t value)
{
	size_t nest = netlink_append(message, ETHTOOL_A_STATS_GRP_STAT, NULL, 0);

	netlink_append(message, type, &value, sizeof value);
	netlink_end_nest(message, nest);
}

/* What a driver with MAC and RMON counters answers. */
static struct netlink_request make_counters(void)
{
	const struct genlmsghdr head = {.cmd = ETHTOOL_MSG_STATS_GET_REPLY, .version = 1};
	struct netlink_request message;
	uint32_t mac = ETHTOOL_STATS_ETH_MAC, rmon = ETHTOOL_STATS_RMON;

	netlink_begin(&message, SOME_FAMILY, &head, sizeof head);
	size_t group = netlink_append(&message, ETHTOOL_A_STATS_GRP, NULL, 0);
	netlink_append(&message, ETHTOOL_A_STATS_GRP_ID, &mac, sizeof mac);
	add_counter(&message, ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR, 17);
	add_counter(&message, ETHTOOL_A_STATS_ETH_MAC_10_LATE_COL, 1ULL << 40);
	netlink_end_nest(&message, group);
	group = netlink_append(&message, ETHTOOL_A_STATS_GRP, NULL, 0);
	netlink_append(&message, ETHTOOL_A_STATS_GRP_ID, &rmon, sizeof rmon);
	add_counter(&message, ETHTOOL_A_STATS_RMON_FRAG, 3);
	netlink_end_nest(&message, group);
	return message;
}

static void check_counters(void)
{
	struct netlink_request message = make_counters();
	struct standard_counters counters;

	EXPECT(ethtool_parse_counters(&message, message.header.nlmsg_len, &counters) == 0);
	EXPECT(counters.is_told[COUNTER_FCS_ERRORS] && counters.value[COUNTER_FCS_ERRORS] == 17);
	EXPECT(counters.value[COUNTER_LATE_COLLISIONS] == 1ULL << 40);
	EXPECT(counters.is_told[COUNTER_FRAGMENTS] && counters.value[COUNTER_FRAGMENTS] == 3);
	/* The same number in another group is another counter. */
	EXPECT(!counters.is_told[COUNTER_SYMBOL_ERRORS] && !counters.is_told[COUNTER_SINGLE_COLLISIONS]);
	EXPECT(ethtool_parse_counters(&message, NLMSG_HDRLEN, &counters) == -EPROTO);
}

static void check_link_state(void)
{
	const struct genlmsghdr head = {.cmd = ETHTOOL_MSG_LINKSTATE_GET_REPLY, .version = 1};
	const uint8_t no_cable = ETHTOOL_LINK_EXT_STATE_NO_CABLE;
	const uint32_t quality = 4, best = 7;
	struct netlink_request message;
	struct link_state state;

	netlink_begin(&message, SOME_FAMILY, &head, sizeof head);
	EXPECT(ethtool_parse_link_state(&message, message.header.nlmsg_len, &state) == 0);
	EXPECT(state.signal_quality == -1 && state.best_signal_quality == -1 && state.down_reason == -1);
	netlink_append(&message, ETHTOOL_A_LINKSTATE_SQI, &quality, sizeof quality);
	netlink_append(&message, ETHTOOL_A_LINKSTATE_SQI_MAX, &best, sizeof best);
	netlink_append(&message, ETHTOOL_A_LINKSTATE_EXT_STATE, &no_cable, sizeof no_cable);
	EXPECT(ethtool_parse_link_state(&message, message.header.nlmsg_len, &state) == 0);
	EXPECT(state.signal_quality == 4 && state.best_signal_quality == 7);
	EXPECT(state.down_reason == ETHTOOL_LINK_EXT_STATE_NO_CABLE);
}

/* `kind` with a VLAN's data and a link to interface 3. */
static struct netlink_request make_link(const char *kind, uint16_t vlan_id)
{
	const struct ifinfomsg body = {.ifi_index = 7};
	struct netlink_request message;
	uint32_t parent = 3;

	netlink_begin(&message, RTM_NEWLINK, &body, sizeof body);
	netlink_append(&message, IFLA_LINK, &parent, sizeof parent);
	size_t info = netlink_append(&message, IFLA_LINKINFO, NULL, 0);
	netlink_append(&message, IFLA_INFO_KIND, kind, strlen(kind) + 1);
	size_t data = netlink_append(&message, IFLA_INFO_DATA, NULL, 0);
	netlink_append(&message, IFLA_VLAN_ID, &vlan_id, sizeof vlan_id);
	netlink_end_nest(&message, data);
	netlink_end_nest(&message, info);
	return message;
}

static void check_link_attributes(void)
{
	struct netlink_request vlan = make_link("vlan", 5), veth = make_link("veth", 5);
	struct link_attributes attributes;

	EXPECT(link_attributes_parse(&vlan, vlan.header.nlmsg_len, &attributes) == 0);
	EXPECT(attributes.vlan_id == 5 && attributes.parent_index == 3);
	EXPECT(link_attributes_parse(&veth, veth.header.nlmsg_len, &attributes) == 0);
	EXPECT(attributes.vlan_id == -1 && attributes.parent_index == 0);
	/* A parent in another network namespace has a number there, not here. */
	int32_t elsewhere = 0;
	netlink_append(&vlan, IFLA_LINK_NETNSID, &elsewhere, sizeof elsewhere);
	EXPECT(link_attributes_parse(&vlan, vlan.header.nlmsg_len, &attributes) == 0);
	EXPECT(attributes.vlan_id == 5 && attributes.parent_index == 0);
	/* Counters of a kernel that knows fewer than we do, and of one that knows more. */
	struct rtnl_link_stats64 stats[2] = {{.collisions = 9, .rx_crc_errors = 4}};
	struct netlink_request few;
	struct ifinfomsg body = {0};
	netlink_begin(&few, RTM_NEWLINK, &body, sizeof body);
	netlink_append(&few, IFLA_STATS64, stats, 96);
	EXPECT(link_attributes_parse(&few, few.header.nlmsg_len, &attributes) == 0);
	EXPECT(attributes.stats.collisions == 9 && attributes.stats.rx_crc_errors == 0);
	EXPECT(link_attributes_parse(&few, sizeof few.header, &attributes) == -EPROTO);
}

/* Whatever bytes come, the parsers stay inside them: the sanitizers watch. */
static void check_random_messages(void)
{
	const struct netlink_request samples[] = {make_counters(), make_link("vlan", 5)};
	unsigned seed = (unsigned)time(NULL);

	printf("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 200000; i++) {
		const struct netlink_request *sample = &samples[i % 2];
		size_t length = sample->header.nlmsg_len;
		struct standard_counters counters;
		struct link_attributes attributes;
		struct link_state state;

		/* Its end is that of its memory. */
		uint8_t *message = malloc(length);
		memcpy(message, sample, length);
		for (int spoilt = rand() % 6; spoilt > 0; spoilt--)
			message[16 + (size_t)rand() % (length - 16)] = (uint8_t)rand();
		size_t cut = rand() % 3 == 0 ? (size_t)rand() % (length + 1) : length;
		if (cut >= sizeof(struct nlmsghdr))
			((struct nlmsghdr *)message)->nlmsg_len = (uint32_t)cut;
		(void)ethtool_parse_counters(message, length, &counters);
		(void)ethtool_parse_link_state(message, length, &state);
		(void)link_attributes_parse(message, length, &attributes);
		free(message);
	}
}

static void check_questions(void)
{
	struct standard_counters counters;
	struct link_attributes attributes;
	struct driver_counter_names names;
	struct link_state state;

	EXPECT(link_attributes_read("va", &attributes) == 0 && attributes.vlan_id == -1);
	uint32_t before = attributes.carrier_changes;
	lab_command("ip link set vb down && ip link set vb up");
	EXPECT(link_attributes_read("va", &attributes) == 0 && attributes.carrier_changes == before + 2);
	EXPECT(link_attributes_read("none", &attributes) == -ENODEV);
	int error = ethtool_read_counters("va", &counters);
	EXPECT(error == 0 || error == -EOPNOTSUPP);
	EXPECT(ethtool_read_counters("none", &counters) == -ENODEV);
	EXPECT(ethtool_read_link_state("va", &state) == 0);
	EXPECT(ethtool_read_link_state("none", &state) == -ENODEV);
	EXPECT(driver_counters_read_names("none", &names) == -ENODEV);
	EXPECT(driver_counters_read_names("va", &names) == 0 && names.count > 0);
	uint64_t *values = calloc(names.count, sizeof *values);
	EXPECT(driver_counters_read("va", values, names.count) == (int)names.count);
	EXPECT(driver_counters_read("va", values, names.count - 1) == -EAGAIN);
	free(values);
	free(names.name);
}

/* 60 octets to `destination`, from a made-up address; `tag` 0 for none. */
static void send_frame(struct port *port, const uint8_t *destination, uint32_t tag)
{
	uint8_t frame[60] = {0};
	uint16_t type = __builtin_bswap16(LAB_ETHERTYPE);
	size_t at = 12;

	memcpy(frame, destination, 6);
	frame[6] = 2;
	if (tag) {
		uint32_t ordered = __builtin_bswap32(tag);
		memcpy(frame + at, &ordered, sizeof ordered);
		at += sizeof ordered;
	}
	memcpy(frame + at, &type, sizeof type);
	EXPECT(write(port->tx_fd, frame, sizeof frame) == sizeof frame);
}

static void check_listener(void)
{
	static const uint8_t GROUP[6] = {0x01, 0x80, 0xc2, 0, 0, 0x0e}, ALL[6] = {255, 255, 255, 255, 255, 255};
	const struct sock_filter everything = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	struct listener_options options = {
		.port = "vb", .filter = &everything, .filter_length = 1, .groups = GROUP, .group_count = 1};
	const char *syscall = "";
	uint8_t frame[128];
	struct port port;

	options.port = "none";
	EXPECT(listener_open(&options, &syscall) == -ENODEV && strcmp(syscall, "if_nametoindex") == 0);
	options.port = "vb";
	int fd = listener_open(&options, &syscall);
	EXPECT(fd >= 0);
	while (listener_read(fd, frame, sizeof frame) > 0)
		continue;
	lab_open(&port, "va", 16);
	send_frame(&port, GROUP, 0);
	EXPECT(listener_read(fd, frame, sizeof frame) == 60 && memcmp(frame, GROUP, sizeof GROUP) == 0);
	/* The tag stands where it stood on the wire, whoever took it out on the way. */
	send_frame(&port, ALL, VLAN_TAG);
	EXPECT(listener_read(fd, frame, sizeof frame) >= 60);
	const uint8_t head[] = {0x81, 0x00, 0x00, 0x05, LAB_ETHERTYPE >> 8, LAB_ETHERTYPE & 0xff};
	EXPECT(memcmp(frame + 12, head, sizeof head) == 0);
	EXPECT(listener_read(fd, frame, sizeof frame) == 0);
	lab_command("ip link set vb down");
	EXPECT(listener_read(fd, frame, sizeof frame) == -ENETDOWN);
	lab_command("ip link set vb up");
	EXPECT(listener_read(fd, frame, sizeof frame) == 0);
	close(fd);
	port_close(&port);
}

static void check_queue_kinds(void)
{
	char kinds[2][QUEUE_KIND_BYTES];
	int index = (int)if_nametoindex("va");

	EXPECT(queue_kinds_list(index, kinds, 2) == 1 && strcmp(kinds[0], "noqueue") == 0);
	lab_command("tc qdisc add dev va root handle 1: htb");
	lab_command("tc class add dev va parent 1: classid 1:1 htb rate 1mbit");
	lab_command("tc qdisc add dev va parent 1:1 tbf rate 1mbit burst 3000 limit 9000");
	EXPECT(queue_kinds_list(index, kinds, 1) == 1 && strcmp(kinds[0], "htb") == 0);
	EXPECT(queue_kinds_list(index, kinds, 2) == 2 && strcmp(kinds[1], "tbf") == 0);
	lab_command("tc qdisc del dev va root");
	EXPECT(queue_kinds_list(1 << 30, kinds, 2) == 0);
}

int main(void)
{
	check_counters();
	check_link_state();
	check_link_attributes();
	check_random_messages();
	if (lab_enter()) {
		check_questions();
		check_listener();
		check_queue_kinds();
	} else {
		printf("skipped: questions to the kernel and the listener need root to make a network namespace\n");
	}
	printf(lab_failures() ? "failed\n" : "ok\n");
	return lab_failures() != 0;
}
