// The database server FerretDB, with its SQLite handler, as a program for tests: `ferretdb -port P -folder F`. SIGTERM ends it.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	port := flag.String("port", "27017", "the port of 127.0.0.1 to listen on")
	folder := flag.String("folder", "", "an existing folder for the databases")
	flag.Parse()
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: net.JoinHostPort("127.0.0.1", *port)},
		Handler:   "sqlite",
		SQLiteURL: "file:" + *folder + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	untilTold, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := server.Run(untilTold); err != nil {
		log.Fatal(err)
	}
}
