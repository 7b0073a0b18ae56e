// Opens and reads a listening socket. Its buffer is small: what nobody reads in time is dropped, and slows nobody.
#include "listener.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"

enum { RECEIVE_BUFFER_BYTES = 1 << 17, ADDRESSES_BYTES = 12 };

static int join_group(int fd, int index, const uint8_t *group)
{
	struct packet_mreq request = {.mr_ifindex = index, .mr_type = PACKET_MR_MULTICAST, .mr_alen = GROUP_BYTES};

	memcpy(request.mr_address, group, GROUP_BYTES);
	return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
}

static int set_up(int fd, int index, const struct listener_options *options, const char **syscall)
{
	struct sock_fprog program = {.len = options->filter_length, .filter = (struct sock_filter *)options->filter};
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = index, .sll_protocol = htons(ETH_P_ALL)};
	const int on = 1, bytes = RECEIVE_BUFFER_BYTES;

	*syscall = "setsockopt";
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
		return -errno;
	for (size_t i = 0; i < options->group_count; i++)
		if (join_group(fd, index, options->groups + i * GROUP_BYTES) < 0)
			return -errno;
	*syscall = "bind";
	return bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int listener_open(const struct listener_options *options, const char **syscall)
{
	int index = (int)if_nametoindex(options->port);

	*syscall = "if_nametoindex";
	if (index == 0)
		return -ENODEV;
	*syscall = "socket";
	/* Protocol 0 receives nothing: no frame slips in before the filter stands. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	int error = set_up(fd, index, options, syscall);
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* The tag as it stood in the frame, 0 where there was none. */
static uint32_t find_tag(struct msghdr *message)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		struct tpacket_auxdata aux;

		if (!is_control(control, SOL_PACKET, PACKET_AUXDATA, sizeof aux))
			continue;
		memcpy(&aux, CMSG_DATA(control), sizeof aux);
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		uint32_t type = aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q;
		return type << 16 | aux.tp_vlan_tci;
	}
	return 0;
}

ssize_t listener_read(int fd, uint8_t *frame, size_t capacity)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec vector = {.iov_base = frame, .iov_len = capacity - LISTENER_TAG_BYTES};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);

	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	uint32_t tag = htonl(find_tag(&message));
	if (tag == 0 || length < ADDRESSES_BYTES)
		return length;
	memmove(frame + ADDRESSES_BYTES + LISTENER_TAG_BYTES, frame + ADDRESSES_BYTES,
		(size_t)length - ADDRESSES_BYTES);
	memcpy(frame + ADDRESSES_BYTES, &tag, LISTENER_TAG_BYTES);
	return length + LISTENER_TAG_BYTES;
}
