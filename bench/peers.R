# The peers in R: Rscript bench/peers.R JOB FOLDER, with columns that bench/peer_data.py wrote to FOLDER.
#
# Jobs: means (survey: one item), rakings (survey: all items), reml (lme4). Only the job's body is timed;
# reading the columns and loading packages are not. Writes FOLDER/r-JOB.bin (doubles) for the comparison
# in bench/agreement.py and prints one line of JSON.
suppressPackageStartupMessages({
  library(survey)
  library(lme4)
})

words <- commandArgs(trailingOnly = TRUE)
job <- words[1]
folder <- words[2]
ITEMS <- c("q1", "q2", "q3", "q4", "q5")
SWEEPS <- 250 # as assessment/chain/weigh.py: who has not met her margins by then keeps base weights
MARGINS <- c("age_band", "sex", "tenure")

column <- function(name, kind, size) {
  path <- file.path(folder, paste0(name, ".bin"))
  readBin(path, kind, n = file.info(path)$size / size, size = size)
}
whole <- function(name) column(name, "integer", 4)
double <- function(name) column(name, "double", 8)
table_of <- function(names, read) as.data.frame(sapply(names, read, simplify = FALSE))

ballots_for <- function(job) switch(job,
  means = cbind(table_of("target", whole), table_of(c("eligible", "q1"), double)),
  rakings = cbind(table_of(c("target", paste0("merged_", MARGINS)), whole), table_of(c("eligible", ITEMS), double)),
  reml = cbind(table_of(c("target", MARGINS, "mode"), whole), table_of("total", double))
)

means <- function(ballots) {
  design <- svydesign(ids = ~1, strata = ~target, fpc = ~eligible, data = ballots)
  made <- svyby(~q1, ~target, design, svymean, na.rm = TRUE)
  rbind(made$q1, made$se)
}

population_margin <- function(name, totals, target, sample) {
  levels <- sort(unique(sample))
  made <- data.frame(levels, totals[[name]][target + 1, levels + 1])
  names(made) <- c(paste0("merged_", name), "Freq")
  made
}

raked_means <- function(mine, totals) {
  design <- svydesign(ids = ~1, fpc = ~eligible, data = mine)
  target <- mine$target[1]
  samples <- lapply(MARGINS, function(name) as.formula(paste0("~merged_", name)))
  populations <- lapply(MARGINS, function(name) {
    population_margin(name, totals, target, mine[[paste0("merged_", name)]])
  })
  raked <- rake(design, samples, populations, control = list(maxit = SWEEPS, epsilon = 1e-12))
  made <- lapply(ITEMS, function(item) svymean(as.formula(paste0("~", item)), raked, na.rm = TRUE))
  c(sapply(made, coef), sapply(made, SE))
}

rakings <- function(ballots) {
  totals <- sapply(MARGINS, function(name) {
    matrix(double(paste0("totals_", name)), ncol = max(ballots[[paste0("merged_", name)]]) + 1)
  }, simplify = FALSE)
  rows <- split(seq_len(nrow(ballots)), ballots$target)
  sapply(rows, function(mine) raked_means(ballots[mine, ], totals))
}

reml <- function(ballots) {
  fit <- lmer(
    total ~ factor(age_band) + factor(sex) + factor(tenure) + factor(mode) + (1 | target),
    data = ballots, REML = TRUE
  )
  between <- as.numeric(VarCorr(fit)$target)
  c(between, sigma(fit)^2, fixef(fit), ranef(fit, condVar = FALSE)$target[[1]])
}

ballots <- ballots_for(job)
seconds <- system.time(made <- switch(job, means = means, rakings = rakings, reml = reml)(ballots))
writeBin(as.double(made), file.path(folder, paste0("r-", job, ".bin")))
cat(sprintf(
  '{"wall": %.4f, "cpu": %.4f, "check": %.12g}\n', seconds[["elapsed"]], seconds[["user.self"]] + seconds[["sys.self"]],
  as.double(made)[1]
))
