// Checks a log's folder with golang.org/x/mod/sumdb: verify_log FOLDER LOG_VKEY OLD_CHECKPOINT|- [WITNESS_VKEY...]
//
// In: a folder as it is published, the log's public key, a checkpoint kept from before (or -), keys of witnesses that
// must have signed. Out: one line; exit code 0 if all of it holds. The tree's hashes, proofs and signatures of the log
// are the packages' own work; this file reads entry bundles and knows the cosignature of a witness.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

// cosigner verifies the timestamped signature of a witness, which the packages do not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.key, append([]byte(head), text...), signature[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed key of a witness")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("malformed key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the hash of a witness's key does not fit")
	}
	return cosigner{parts[0], hash, key[1:]}, nil
}

// tiles reads tiles of height 8; our paths have no height in them.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		content, err := os.ReadFile(filepath.Join(t.folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

func openCheckpoint(file string, verifiers []note.Verifier) (tlog.Tree, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(content, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return tlog.Tree{}, fmt.Errorf("%d of %d signatures", len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		return tlog.Tree{}, errors.New("another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func bundle(folder string, first, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: first / width, W: width}
	if size-first < width {
		tile.W = int(size - first)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	content, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(content) >= 2 {
		length := int(binary.BigEndian.Uint16(content))
		if len(content) < 2+length {
			return nil, errors.New("malformed bundle " + path)
		}
		entries, content = append(entries, content[2:2+length]), content[2+length:]
	}
	if len(content) > 0 || len(entries) != tile.W {
		return nil, errors.New("malformed bundle " + path)
	}
	return entries, nil
}

func checkEntries(folder string, tree tlog.Tree, reader tlog.HashReader) error {
	for first := int64(0); first < tree.N; first += width {
		entries, err := bundle(folder, first, tree.N)
		if err != nil {
			return err
		}
		indexes := make([]int64, len(entries))
		for place := range entries {
			indexes[place] = tlog.StoredHashIndex(0, first+int64(place))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for place, entry := range entries {
			if hash := tlog.RecordHash(entry); !bytes.Equal(hash[:], hashes[place][:]) {
				return fmt.Errorf("entry %d differs", first+int64(place))
			}
		}
	}
	return nil
}

func checkProofs(tree, old tlog.Tree, reader tlog.HashReader) error {
	for _, index := range []int64{0, tree.N / 3, tree.N / 2, tree.N - 1} {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return err
		}
	}
	if old.N == 0 {
		return nil
	}
	if old.N > tree.N {
		return errors.New("the log was set back")
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func run(words []string) (int64, error) {
	verifier, err := note.NewVerifier(words[1])
	if err != nil {
		return 0, err
	}
	verifiers, old := []note.Verifier{verifier}, tlog.Tree{}
	if words[2] != "-" {
		if old, err = openCheckpoint(words[2], verifiers); err != nil {
			return 0, err
		}
	}
	for _, word := range words[3:] {
		witness, err := newCosigner(word)
		if err != nil {
			return 0, err
		}
		verifiers = append(verifiers, witness)
	}
	tree, err := openCheckpoint(filepath.Join(words[0], "checkpoint"), verifiers)
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(tree, tiles{words[0]})
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, errors.New("the tiles give another root")
	}
	if err := checkEntries(words[0], tree, reader); err != nil {
		return 0, err
	}
	return tree.N, checkProofs(tree, old, reader)
}

func main() {
	size, err := run(os.Args[1:])
	if err != nil {
		fmt.Println("fault:", err)
		os.Exit(1)
	}
	fmt.Println("sound", size)
}
