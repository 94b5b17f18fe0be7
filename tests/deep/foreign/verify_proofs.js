// Checks inclusion proofs with npm @sigstore/verify: node verify_proofs.js MODULES < claims.json
//
// In: a list of claims (checkpoint, key, entry, index, hashes), each as a log would hand it out. Out: a JSON list, true
// for each claim that holds, else the words of the refusal. Signatures and hashes are the package's own work.
"use strict";

const crypto = require("node:crypto");
const path = require("node:path");
const fs = require("node:fs");

const folder = path.join(process.argv[2], "@sigstore", "verify", "dist", "tlog");
const { verifyCheckpoint } = require(path.join(folder, "checkpoint.js"));
const { verifyMerkleInclusion } = require(path.join(folder, "merkle.js"));

function holds(claim) {
  const entry = {
    canonicalizedBody: Buffer.from(claim.entry, "base64"),
    inclusionProof: {
      checkpoint: { envelope: claim.checkpoint },
      logIndex: String(claim.index),
      hashes: claim.hashes.map((hash) => Buffer.from(hash, "base64")),
    },
  };
  const der = Buffer.from(claim.publicKey, "base64");
  const log = {
    baseURL: claim.origin,
    logID: Buffer.from(claim.keyHash, "base64"),
    publicKey: crypto.createPublicKey({ key: der, format: "der", type: "spki" }),
  };
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, [log]));
  return true;
}

const claims = JSON.parse(fs.readFileSync(0, "utf8"));
const answers = claims.map((claim) => {
  try {
    return holds(claim);
  } catch (fault) {
    return String(fault.message);
  }
});
process.stdout.write(JSON.stringify(answers));
