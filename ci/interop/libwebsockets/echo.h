/* What a session on libwebsockets echoes, for the server and for the driver.
 *
 * The library hands messages over in parts and knows no limit to their size; they are put together here, up to 64 MiB.
 */

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Large enough for the largest message of any case, so that a size limit never hides another answer. */
#define LIMIT ((size_t)64 << 20)
/* What is read and written at once. The library would have to copy the rest of a larger write. */
#define CHUNK ((size_t)64 << 10)
/* More messages than any case has waiting to be echoed. As a client with permessage-deflate the library hands over one that is
 * not compressed without end. */
#define WAITING 4096

struct message {
	struct message *next;
	bool is_binary;
	size_t capacity, length, written;
	unsigned char *payload; /* allocated with LWS_PRE octets in front, which the library writes headers to */
};

struct session {
	struct message *arriving;
	struct message *first, *last; /* complete, and to be echoed */
	int waiting;		      /* how many those are */
	struct message *sent; /* as a whole, but the library compresses from it until it next calls back to write */
};

static void release(struct message *message)
{
	if (message && message->payload)
		free(message->payload - LWS_PRE);
	free(message);
}

static bool append(struct message *message, const void *part, size_t length)
{
	size_t needed = message->length + length;
	if (needed > LIMIT)
		return false;
	if (!message->payload || needed > message->capacity) {
		unsigned char *old = message->payload ? message->payload - LWS_PRE : NULL;
		size_t capacity = needed > CHUNK / 2 ? 2 * needed : CHUNK;
		unsigned char *grown = realloc(old, LWS_PRE + capacity);
		if (!grown)
			return false;
		message->payload = grown + LWS_PRE;
		message->capacity = capacity;
	}
	if (length > 0)
		memcpy(message->payload + message->length, part, length);
	message->length = needed;
	return true;
}

static int receive(struct lws *wsi, struct session *session, const void *part, size_t length)
{
	if (!session->arriving) {
		session->arriving = calloc(1, sizeof *session->arriving);
		if (!session->arriving)
			return -1;
		session->arriving->is_binary = lws_frame_is_binary(wsi);
	}
	if (!append(session->arriving, part, length)) {
		lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	/* Of a frame whose payload has not arrived as a whole, FIN is known already. */
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
		return 0;
	if (++session->waiting > WAITING)
		return -1;
	if (session->last)
		session->last->next = session->arriving;
	else
		session->first = session->arriving;
	session->last = session->arriving;
	session->arriving = NULL;
	lws_callback_on_writable(wsi);
	return 0;
}

static int write_chunk(struct lws *wsi, struct session *session)
{
	struct message *message = session->first;
	release(session->sent);
	session->sent = NULL;
	if (!message)
		return 0;
	size_t left = message->length - message->written;
	size_t length = left < CHUNK ? left : CHUNK;
	int kind = message->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
	int flags = lws_write_ws_flags(kind, message->written == 0, length == left);
	if (lws_write(wsi, message->payload + message->written, length, flags) < 0)
		return -1;
	message->written += length;
	if (length == left) {
		session->first = message->next;
		session->waiting--;
		if (!session->first)
			session->last = NULL;
		session->sent = message;
	}
	if (session->first)
		lws_callback_on_writable(wsi);
	return 0;
}

static void forget(struct session *session)
{
	release(session->arriving);
	release(session->sent);
	while (session->first) {
		struct message *next = session->first->next;
		release(session->first);
		session->first = next;
	}
	memset(session, 0, sizeof *session);
}
