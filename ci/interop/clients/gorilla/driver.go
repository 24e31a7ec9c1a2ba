// Drives itself through the control paths with the defaults of gorilla/websocket: driver SERVER AGENT
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

func getCaseCount(server string) (int, error) {
	conn, _, err := websocket.DefaultDialer.Dial(server+"/getCaseCount", nil)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	_, message, err := conn.ReadMessage()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(message))
}

func runCase(server, agent string, number int) error {
	conn, _, err := websocket.DefaultDialer.Dial(fmt.Sprintf("%s/runCase?case=%d&agent=%s", server, number, agent), nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if kind == websocket.TextMessage && !utf8.Valid(message) {
			text := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			conn.WriteMessage(websocket.CloseMessage, text)
			return fmt.Errorf("invalid UTF-8")
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return err
		}
	}
}

func main() {
	server, agent := os.Args[1], os.Args[2]
	count, err := getCaseCount(server)
	if err != nil {
		log.Fatal(err)
	}
	for number := 1; number <= count; number++ {
		if err := runCase(server, agent, number); err != nil {
			log.Printf("case %d: %v", number, err)
		}
	}
	conn, _, err := websocket.DefaultDialer.Dial(server+"/updateReports?agent="+agent, nil)
	if err != nil {
		log.Fatal(err)
	}
	conn.ReadMessage()
	conn.Close()
}
