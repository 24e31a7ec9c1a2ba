// Echo server on gorilla/websocket: server PORT.
//
// The package leaves one thing to applications, which is to look whether a text is UTF-8. Pongs, closes and the answers
// to other errors are its own. It has no limit to the size of messages unless an application sets one.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const patience = time.Second

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: server PORT")
		os.Exit(2)
	}
	http.HandleFunc("/", echo)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}

func echo(response http.ResponseWriter, request *http.Request) {
	upgrader := websocket.Upgrader{}
	conn, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return // Upgrade has answered the request with the error
	}
	defer conn.Close()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return // the Close that the error calls for has been sent
		}
		if kind == websocket.TextMessage && !utf8.Valid(message) {
			reason := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			conn.WriteControl(websocket.CloseMessage, reason, time.Now().Add(patience))
			return
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return
		}
	}
}
