// Opens the sockets of a port, sizes their buffers and gates what they receive. Never changes a setting of the NIC.
#include "port.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* The kernel charges a small frame about 800 bytes of buffer, a full one about 2300. */
	CHARGED_BYTES_PER_FRAME = 2048,
	LEAST_RECEIVE_BYTES = 4 << 20,
	MOST_RECEIVE_BYTES = 128 << 20,
	STAMP_BUFFER_BYTES = 64 << 20,
	SEND_BUFFER_BYTES = 16 << 20,
};

static const uint32_t TX_REPORTING = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE |
				     SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_TX_SWHW;

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* Ask for `bytes` of socket buffer by right (CAP_NET_ADMIN), else as much as the sysctl limit grants; the size got. */
static uint32_t size_buffer(int fd, int force_option, int option, int bytes)
{
	int got = 0;
	socklen_t length = sizeof got;

	/* The kernel doubles what is asked, for its own overhead, and reports the doubled size. */
	if (set_option(fd, SOL_SOCKET, force_option, bytes / 2) < 0)
		(void)set_option(fd, SOL_SOCKET, option, bytes / 2);
	return getsockopt(fd, SOL_SOCKET, option, &got, &length) < 0 ? 0 : (uint32_t)got;
}

static int attach_filter(int fd, const struct sock_filter *filter, uint16_t length)
{
	struct sock_fprog program = {.len = length, .filter = (struct sock_filter *)filter};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ? -errno : 0;
}

static int reject_everything(int fd)
{
	static const struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);

	return attach_filter(fd, &nothing, 1);
}

static int interface_ioctl(int fd, const char *name, unsigned long request, struct ifreq *answer)
{
	memset(answer, 0, sizeof *answer);
	memcpy(answer->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, request, answer) < 0 ? -errno : 0;
}

/* Which hardware stamps the driver has switched on; none where it cannot tell. */
static void read_hardware_stamping(struct port *port, int fd)
{
	struct hwtstamp_config config = {0};
	struct ifreq request = {.ifr_data = (void *)&config};

	memcpy(request.ifr_name, port->name, IFNAMSIZ);
	if (ioctl(fd, SIOCGHWTSTAMP, &request) < 0)
		return;
	port->hardware_tx = config.tx_type != HWTSTAMP_TX_OFF;
	port->hardware_rx = config.rx_filter != HWTSTAMP_FILTER_NONE;
}

static int read_facts(struct port *port, bool hardware_stamps)
{
	struct ifreq answer;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	if ((error = interface_ioctl(fd, port->name, SIOCGIFINDEX, &answer)) == 0) {
		port->index = answer.ifr_ifindex;
		error = interface_ioctl(fd, port->name, SIOCGIFMTU, &answer);
	}
	if (error == 0) {
		port->mtu = (uint32_t)answer.ifr_mtu;
		error = interface_ioctl(fd, port->name, SIOCGIFHWADDR, &answer);
	}
	if (error == 0) {
		port->hardware_type = answer.ifr_hwaddr.sa_family;
		memcpy(port->mac, answer.ifr_hwaddr.sa_data, sizeof port->mac);
		if (hardware_stamps)
			read_hardware_stamping(port, fd);
	}
	close(fd);
	return error;
}

static int bind_link(int fd, int index, uint16_t protocol)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = index, .sll_protocol = htons(protocol)};

	return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

static int open_receiver(struct port *port, const char **syscall)
{
	uint32_t stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	uint64_t wanted = (uint64_t)port->ring_frames * CHARGED_BYTES_PER_FRAME;
	int error;

	if (wanted < LEAST_RECEIVE_BYTES)
		wanted = LEAST_RECEIVE_BYTES;
	if (wanted > MOST_RECEIVE_BYTES)
		wanted = MOST_RECEIVE_BYTES;

	/* Protocol 0 receives nothing: no frame slips in before the filter stands. */
	*syscall = "socket";
	port->rx_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (port->rx_fd < 0)
		return -errno;
	*syscall = "setsockopt";
	/* Attached once here so that a bad program fails now and not at the first run. */
	if ((error = attach_filter(port->rx_fd, port->filter, port->filter_length)) < 0)
		return error;
	if ((error = reject_everything(port->rx_fd)) < 0)
		return error;
	if ((error = set_option(port->rx_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)) < 0)
		return error;
	if ((error = set_option(port->rx_fd, SOL_PACKET, PACKET_AUXDATA, 1)) < 0)
		return error;
	if (port->hardware_rx)
		stamps |= SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	if ((error = set_option(port->rx_fd, SOL_SOCKET, SO_TIMESTAMPING, (int)stamps)) < 0)
		return error;
	port->receive_buffer_bytes = size_buffer(port->rx_fd, SO_RCVBUFFORCE, SO_RCVBUF, (int)wanted);
	*syscall = "bind";
	return bind_link(port->rx_fd, port->index, ETH_P_ALL);
}

/* A raw IP socket: the packet carries its header, the kernel's route and this port decide the rest. */
static int open_network_sender(struct port *port)
{
	bool v6 = port->layer == SEND_NETWORK6;
	int level = v6 ? SOL_IPV6 : SOL_IP;
	int error;

	if ((error = reject_everything(port->tx_fd)) < 0)
		return error;
	if ((error = set_option(port->tx_fd, level, v6 ? IPV6_HDRINCL : IP_HDRINCL, 1)) < 0)
		return error;
	/* Without this option the kernel hides ENOBUFS and a local drop would look like path loss. */
	if ((error = set_option(port->tx_fd, level, v6 ? IPV6_RECVERR : IP_RECVERR, 1)) < 0)
		return error;
	return setsockopt(port->tx_fd, SOL_SOCKET, SO_BINDTODEVICE, port->name, IFNAMSIZ) < 0 ? -errno : 0;
}

static int open_sender(struct port *port, const char **syscall)
{
	static const int family[] = {[SEND_LINK] = AF_PACKET, [SEND_NETWORK4] = AF_INET, [SEND_NETWORK6] = AF_INET6};
	int protocol = port->layer == SEND_LINK ? 0 : IPPROTO_RAW;
	int error;

	*syscall = "socket";
	port->tx_fd = socket(family[port->layer], SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (port->tx_fd < 0)
		return -errno;
	*syscall = "setsockopt";
	if ((error = port_restart_stamp_keys(port)) < 0)
		return error;
	port->send_buffer_bytes = size_buffer(port->tx_fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER_BYTES);
	port->stamp_buffer_bytes = size_buffer(port->tx_fd, SO_RCVBUFFORCE, SO_RCVBUF, STAMP_BUFFER_BYTES);
	if (port->layer != SEND_LINK)
		return open_network_sender(port);
	*syscall = "bind";
	return bind_link(port->tx_fd, port->index, 0);
}

static int open_sockets(struct port *port, const struct port_options *options, const char **syscall)
{
	int error;

	*syscall = "ioctl";
	if ((error = read_facts(port, options->hardware_stamps)) < 0)
		return error;
	*syscall = "malloc";
	port->filter = malloc(options->filter_length * sizeof *options->filter);
	if (!port->filter)
		return -ENOMEM;
	memcpy(port->filter, options->filter, options->filter_length * sizeof *options->filter);
	port->filter_length = options->filter_length;
	if ((error = open_receiver(port, syscall)) < 0)
		return error;
	if ((error = open_sender(port, syscall)) < 0)
		return error;
	/* After the sockets: who may not open them shall hear that first. */
	*syscall = "ioctl";
	return port_check(port);
}

int port_open(struct port *port, const struct port_options *options, const char **syscall)
{
	memset(port, 0, sizeof *port);
	port->tx_fd = port->rx_fd = -1;
	port->layer = options->layer;
	port->snap_bytes = options->snap_bytes;
	port->ring_frames = options->ring_frames;
	*syscall = "ioctl";
	if (strlen(options->name) >= IFNAMSIZ)
		return -ENODEV;
	strcpy(port->name, options->name);

	int error = open_sockets(port, options, syscall);
	if (error)
		port_close(port);
	return error;
}

void port_close(struct port *port)
{
	if (port->tx_fd >= 0)
		close(port->tx_fd);
	if (port->rx_fd >= 0)
		close(port->rx_fd);
	port->tx_fd = port->rx_fd = -1;
	free(port->filter);
	port->filter = NULL;
}

/* Whether the receiving socket is still bound: the kernel unbinds it when the port is removed or leaves the namespace.
 */
static bool is_bound(const struct port *port)
{
	struct sockaddr_ll address;
	socklen_t length = sizeof address;

	return getsockname(port->rx_fd, (struct sockaddr *)&address, &length) == 0 &&
	       address.sll_ifindex == port->index;
}

int port_check(const struct port *port)
{
	struct ifreq answer;
	int fd, error;

	/* A port that was made again, or came back, may have the old name and even the old number; we would be deaf. */
	if (!is_bound(port))
		return -ENODEV;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* The name too: it may be another port's by now. */
	error = interface_ioctl(fd, port->name, SIOCGIFINDEX, &answer);
	if (error == 0 && answer.ifr_ifindex != port->index)
		error = -ENODEV;
	if (error == 0)
		error = interface_ioctl(fd, port->name, SIOCGIFFLAGS, &answer);
	if (error == 0 && !(answer.ifr_flags & IFF_UP))
		error = -ENETDOWN;
	close(fd);
	return error;
}

int port_listen(struct port *port)
{
	struct tpacket_stats stats;
	socklen_t length = sizeof stats;
	int pending;
	socklen_t pending_length = sizeof pending;
	uint8_t byte;

	(void)getsockopt(port->rx_fd, SOL_SOCKET, SO_ERROR, &pending, &pending_length);
	while (recv(port->rx_fd, &byte, sizeof byte, MSG_TRUNC | MSG_DONTWAIT) >= 0)
		continue;
	(void)getsockopt(port->rx_fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length);
	return attach_filter(port->rx_fd, port->filter, port->filter_length);
}

void port_deafen(struct port *port)
{
	(void)reject_everything(port->rx_fd);
}

int port_restart_stamp_keys(struct port *port)
{
	uint8_t byte;
	int error;

	/* Setting OPT_ID anew starts the count anew; it must have been off for that. */
	if ((error = set_option(port->tx_fd, SOL_SOCKET, SO_TIMESTAMPING, (int)TX_REPORTING)) < 0)
		return error;
	error = set_option(port->tx_fd, SOL_SOCKET, SO_TIMESTAMPING, (int)(TX_REPORTING | SOF_TIMESTAMPING_OPT_ID));
	if (error < 0)
		return error;
	/* Stamps of the old count would pass for those of the new one. Ends because nothing is sent meanwhile. */
	while (recv(port->tx_fd, &byte, sizeof byte, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		continue;
	port->next_stamp_key = 0;
	port->stamp_keys_in_doubt = false;
	return 0;
}
